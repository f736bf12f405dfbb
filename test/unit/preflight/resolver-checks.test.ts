import { describe, expect, test } from 'vitest'
import type { Facts } from '../../../src/host/facts/facts.js'
import { parseFacts } from '../../../src/host/facts/parse-facts.js'
import { checks } from '../../../src/preflight/checks.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { isLoopback } from '../../../src/preflight/resolver-checks.js'
import { runChecks } from '../../../src/preflight/run-checks.js'
import { contextOf, machine } from '../../support/context.js'

const found = (facts: Partial<Facts>, over: { resolvConf?: string; dns?: boolean } = {}): string[] => {
  const own = machine({}, { kubernetes: false, ...facts })
  const base = contextOf([own])
  const config = over.resolvConf === undefined ? {} : { resolvConf: over.resolvConf }
  const spec = {
    ...base.spec,
    dns: { ...base.spec.dns, enabled: over.dns ?? true },
    kubelet: { ...base.spec.kubelet, config },
  }
  return runChecks({ ...base, spec }, notCloser, checks, [])
    .filter(({ check }) => check === 'Resolver')
    .map(({ severity, what }) => `${severity}: ${what}`)
}

describe('a resolver on loopback', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.0.0.53', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', true],
    ['::', true],
    ['10.0.0.2', false],
    ['2001:db8::1', false],
    ['fe80::1%eth0', false],
    ['::2', false],
  ])('%s is one: %s', (address, is) => {
    expect(isLoopback(address)).toBe(is)
  })

  test('is an error before a birth with CoreDNS: it would loop', () => {
    expect(found({ nameservers: ['127.0.0.1', '10.0.0.2'] })).toEqual([
      'error: /etc/resolv.conf names 127.0.0.1: CoreDNS would forward to itself and end with "Loop detected"',
    ])
    expect(found({ resolvedActive: true, nameservers: ['::1'] })[0]).toContain(
      '/run/systemd/resolve/resolv.conf',
    )
  })

  test('is a warning where there is a node already, or no CoreDNS of ours', () => {
    expect(found({ nameservers: ['127.0.0.1'], kubernetes: true })[0]).toMatch(/^warning/)
    expect(found({ nameservers: ['127.0.0.1'] }, { dns: false })[0]).toMatch(/^warning/)
  })

  test('is none where the inventory names another file, and where servers are elsewhere or unknown', () => {
    expect(found({ nameservers: ['127.0.0.1'] }, { resolvConf: '/etc/upstream.conf' })).toEqual([])
    expect(found({ nameservers: ['10.0.0.2'] })).toEqual([])
    expect(found({ nameservers: [] })).toEqual([])
  })

  test('comes from facts', () => {
    const text = '\n@nameservers\n127.0.0.1\n10.0.0.2\n\n@end\n'
    expect(parseFacts(text, { before: 0, after: 0 }).nameservers).toEqual(['127.0.0.1', '10.0.0.2'])
  })
})
