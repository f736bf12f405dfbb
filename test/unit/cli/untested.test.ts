import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { run } from '../../../src/cli/run.js'
import { tellUnset, warnOfVersion } from '../../../src/cli/tell-versions.js'
import type { RunEvent } from '../../../src/engine/events.js'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { clusterSpec } from '../../support/spec.js'

const home = mkdtempSync(join(tmpdir(), 'ks-version-'))
afterAll(() => rmSync(home, { recursive: true }))

/** What a command prints about an inventory with this version, whose bundle is not there, and its exit code. */
async function said(version: string, ...command: string[]): Promise<[code: number, text: string]> {
  const inventory = join(home, 'inventory.yaml')
  writeFileSync(
    inventory,
    `kubernetes: { version: "${version}" }
binaries: { bundle: bundle }
runtime: containerd
hosts: { cp1: { address: 192.0.2.11, roles: [control-plane] } }
`,
  )
  let text = ''
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += String(part)
      return true
    }),
  )
  const code = await run([...command, '-i', inventory], '0.0.0')
  for (const stream of streams) stream.mockRestore()
  return [code, text]
}

it.each(releases)(
  'inventory validate says of $minor whether it is untested',
  async ({ minor, patch, untested }) => {
    const [code, text] = await said(patch, 'inventory', 'validate')
    expect([code, text.includes(`note: Kubernetes ${minor} is untested`)]).toEqual([0, untested])
  },
)

it.each(['plan', 'up'])('%s warns of an untested version before anything else', async (command) => {
  const quiet = ['-o', 'plain', '--log-file', 'none']
  const [code, text] = await said('1.37.0', command, ...quiet)
  expect(code).not.toBe(0)
  expect(text).toContain('warning: Kubernetes 1.37 is untested')
  expect((await said('1.20.2', command, ...quiet))[1]).not.toContain('untested')
})

it('a warning is an event of its own, for -o json', () => {
  const events: RunEvent[] = []
  const reporting = { emit: (event: RunEvent) => void events.push(event), now: () => 7 }
  warnOfVersion(clusterSpec(), reporting)
  expect(events).toEqual([])
  warnOfVersion(clusterSpec({ version: '1.37.0' }), reporting)
  expect(events).toEqual([
    { type: 'message', at: 7, level: 'warning', text: expect.stringContaining('1.37 is untested') },
  ])
})

it('what stands for keys that the inventory leaves out is told once it is known, with its warning', () => {
  const events: RunEvent[] = []
  const reporting = { emit: (event: RunEvent) => void events.push(event), now: () => 7 }
  const spec = clusterSpec({
    version: '1.37.0',
    unset: ['kubernetes.version', 'network'],
    unsetSources: ['runtime', 'cniPlugins'],
    sources: { ...clusterSpec().sources, runtime: 'download' },
    network: 'flannel',
  })
  warnOfVersion(spec, reporting)
  expect(events).toEqual([])
  tellUnset(spec, reporting)
  expect(events).toEqual([
    {
      type: 'message',
      at: 7,
      level: 'info',
      text: 'keys that the inventory leaves out: kubernetes.version 1.37.0, network flannel, sources.runtime download',
    },
    { type: 'message', at: 7, level: 'warning', text: expect.stringContaining('1.37 is untested') },
  ])
})
