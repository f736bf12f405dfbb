import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newestPatches } from '../../src/sources/newest-patches.js'
import { sites } from '../../src/sources/urls.js'
import { supplyOf, supplyOfSite } from '../../src/upgrade/supply.js'
import { type ReleaseSite, startReleaseSite } from '../support/release-site.js'

const folder = mkdtempSync(join(tmpdir(), 'newest-patches-'))
let site: ReleaseSite
beforeAll(async () => {
  site = await startReleaseSite(folder)
})
afterAll(async () => {
  await site.close()
  rmSync(folder, { recursive: true })
})

const ask = (minors: string[], deadlineMs = 5_000) =>
  newestPatches({ ...sites, kubernetes: site.url }, minors, { ca: site.ca, deadlineMs, environment: {} })

it('a site says which patch release of each minor is the newest, and a supply offers that', async () => {
  site.pages.set('/release/stable-1.35.txt', 'v1.35.77\n')
  site.pages.set('/release/stable-1.36.txt', 'v1.36.88')
  const { patches, silent } = await ask(['1.35', '1.36'])
  expect([[...patches], silent]).toEqual([
    [
      ['1.35', '1.35.77'],
      ['1.36', '1.36.88'],
    ],
    undefined,
  ])
  const known = supplyOf('download', undefined)
  const supply = supplyOfSite(known, patches)
  expect([supply.newestOf('1.35'), supply.newestOf('1.34'), supply.newestOf('1.99')]).toEqual([
    '1.35.77',
    known.newestOf('1.34'),
    undefined,
  ])
})

it.each([
  ['another minor', 'v1.35.3', /stable-1\.36\.txt says "v1\.35\.3"/],
  ['what is no version', 'v1.36.3; reboot', /says "v1\.36\.3; reboot"/],
  ['control characters', 'v1.36.\x1b[2J', /says "v1\.36\.\\u001b/],
  ['a page of another kind', `<html>${' '.repeat(2_000)}`, /./],
])('an answer that is %s is none, and says so', async (_, text, why) => {
  site.pages.set('/release/stable-1.36.txt', text)
  const { patches, silent } = await ask(['1.36'])
  expect(patches.size).toBe(0)
  expect(silent).toMatch(why)
})

it('a site that does not have it, or never answers, is no error', async () => {
  site.pages.delete('/release/stable-1.36.txt')
  const url = `${site.url}/release/stable-1.36.txt`
  expect((await ask(['1.36'])).silent).toMatch(new RegExp(`^${url} answers 404[^\\n]*$`))
  site.pages.set('/release/stable-1.36.txt', () => {})
  expect((await ask(['1.36'], 300)).silent).toBe(`${url}: no answer within 0.3 s`)
})
