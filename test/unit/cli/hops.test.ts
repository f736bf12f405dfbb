import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hopSource, makeHops, upByHops } from '../../../src/cli/hops.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import type { Hop } from '../../../src/upgrade/hops.js'
import { supplyOfBundles } from '../../../src/upgrade/supply.js'
import { clusterSpec } from '../../support/spec.js'

const hop = (from: string, to: string): Hop => ({
  from,
  to,
  kind: 'minor',
  untested: false,
  available: true,
  machines: [],
})
const hops = [hop('1.33.13', '1.34.9'), hop('1.34.9', '1.35.6'), hop('1.35.6', '1.36.3')]

describe('up --hops', () => {
  it('makes the hops one after the other', async () => {
    const made: string[] = []
    expect(await makeHops(hops, '', async ({ to }) => made.push(to) * 0)).toBe(0)
    expect(made).toEqual(['1.34.9', '1.35.6', '1.36.3'])
  })

  it('ends with the first that does not succeed, and says how it goes on', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const made: string[] = []
    const code = await makeHops(hops, ' -i x.yaml', async ({ to }) => {
      made.push(to)
      return to === '1.35.6' ? 7 : 0
    })
    const text = said.mock.calls.map(([one]) => String(one)).join('')
    said.mockRestore()
    expect([code, made]).toEqual([7, ['1.34.9', '1.35.6']])
    expect(text).toContain('Hop 2 of 3: Kubernetes 1.34.9 → 1.35.6')
    expect(text).toContain('kubestrap up --hops -i x.yaml continues')
    expect(text).not.toContain('Hop 3')
  })

  it.each([
    [{ plan: 'plan.json' }, '--hops and --plan exclude each other'],
    [{ limit: ['w1'] }, '--hops and --limit exclude each other'],
    [{ verify: false }, '--hops and --no-verify exclude each other'],
  ])('is refused with %j', async (values, message) => {
    const once = vi.fn()
    await expect(upByHops(clusterSpec(), values, once)).rejects.toMatchObject({ kind: 'usage', message })
    expect(once).not.toHaveBeenCalled()
  })
})

it('hops of downloads, where the site does not say what it has, go to what kubestrap knows, and that is told once', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const kubernetes = 'https://127.0.0.1:1'
  const { supply } = await hopSource(
    clusterSpec({ sources: { ...clusterSpec().sources, kubernetes: 'download', mirrors: { kubernetes } } }),
  )
  const told = said.mock.calls.map(([one]) => String(one))
  said.mockRestore()
  expect(supply.newestOf('1.36')).toBe(releaseFor('1.36.0').patch)
  expect(told).toEqual([
    expect.stringMatching(
      /^warning: hops go to .* \(https:\/\/127\.0\.0\.1:1\/release\/stable-[\d.]+\.txt: .*\)\n$/,
    ),
  ])
})

describe('the bundles of hops', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubestrap-hops-'))
  const manifest = (version: string): string =>
    JSON.stringify({ format: 2, kubernetesVersion: version, binaries: [], images: [] })
  beforeAll(() => {
    for (const [name, text] of [
      ['v1.34.9', manifest('1.34.9')],
      ['v1.35.6', manifest('1.35.6')],
      ['broken', 'no JSON'],
      ['z1.35.6', manifest('1.35.6')],
    ] as const) {
      mkdirSync(join(directory, name))
      writeFileSync(join(directory, name, 'bundle.json'), text)
    }
    cpSync(join(directory, 'v1.35.6'), join(directory, 'a-copy'), { recursive: true })
    writeFileSync(join(directory, 'file'), readFileSync(join(directory, 'broken/bundle.json')))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  const specWith = (more: { sha256?: string } = {}): ClusterSpec =>
    clusterSpec({
      version: '1.35.6',
      sources: { ...clusterSpec().sources, kubernetes: 'bundle' },
      binaries: { bundle: join(directory, 'v1.35.6'), ...more },
      atVersion: (version) => ({ ...specWith(), version, keeping: () => specWith() }),
    })

  it('lie beside that of the inventory, which is the one of its own version', async () => {
    const { supply, specOf } = await hopSource(specWith())
    expect([supply.newestOf('1.34'), supply.newestOf('1.35'), supply.has('1.36.3')]).toEqual([
      '1.34.9',
      '1.35.6',
      false,
    ])
    const first = specOf(hop('1.33.13', '1.34.9'))
    expect([first.version, first.binaries.bundle]).toEqual(['1.34.9', join(directory, 'v1.34.9')])
    // also once the inventory is completed with what the cluster has
    expect(first.keeping({} as never).binaries.bundle).toBe(join(directory, 'v1.34.9'))
    expect(specOf(hop('1.34.9', '1.35.6')).binaries.bundle).toBe(join(directory, 'v1.35.6'))
  })

  it('are refused where the inventory says which one is trusted', async () => {
    const { specOf } = await hopSource(specWith({ sha256: 'a'.repeat(64) }))
    expect(() => specOf(hop('1.33.13', '1.34.9'))).toThrow('binaries.sha256 is of one bundle')
  })

  it('are of several for a minor the newest', () => {
    const supply = supplyOfBundles(['1.34.9', '1.34.12', '1.35.6'])
    expect([supply.newestOf('1.34'), supply.newestOf('1.33')]).toEqual(['1.34.12', undefined])
  })
})
