import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { catalog } from '../../../src/catalog.js'
import { parseFacts } from '../../../src/host/facts/parse-facts.js'
import { unfitHost } from '../../../src/os/unfit.js'

const seen = (release: string) => {
  const text = readFileSync(new URL(`./fixtures/os-release/${release}.txt`, import.meta.url), 'utf8')
  return unfitHost(catalog.systems, parseFacts(`\n@os\n${text}\n@end\n`, { before: 0, after: 0 }))
}

test.each([
  ['flatcar-3139.2.0', /\/usr is part of its image/, /^use another system for this host/],
  ['centos-7', /CentOS Linux 7 \(Core\) is not supported/, /its package manager is yum.*; upgrade the host/],
  ['sles-12.3', /is not supported/, /too old; upgrade the host/],
])('%s can be no host, and os.like would not make it one: it is not advised', (release, what, next) => {
  const unfit = seen(release)
  expect(unfit).toEqual({ what: expect.stringMatching(what), next: expect.stringMatching(next) })
  expect(unfit?.next).not.toContain('os: { like')
})

test('a derived system is told the one word that makes it one', () => {
  expect(seen('linuxmint-22')?.next).toContain('os: { like: ubuntu }')
})

test('a system that is known can be one', () => {
  expect(seen('rocky-9.5')).toBeUndefined()
})
