import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { run } from '../../../src/cli/run.js'
import { warnOfVersion } from '../../../src/cli/warn-of-version.js'
import type { RunEvent } from '../../../src/engine/events.js'
import { releases } from '../../../src/kubernetes/releases/index.js'

const home = mkdtempSync(join(tmpdir(), 'ks-untested-'))
afterAll(() => rmSync(home, { recursive: true }))

async function validated(version: string): Promise<string> {
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
  const output = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part)
    return true
  })
  const code = await run(['inventory', 'validate', '-i', inventory], '0.0.0')
  output.mockRestore()
  expect(code).toBe(0)
  return text
}

it.each(releases)(
  'inventory validate says of $minor whether it is untested',
  async ({ minor, patch, untested }) => {
    expect((await validated(patch)).includes(`note: Kubernetes ${minor} is untested`)).toBe(untested)
  },
)

it('plan and up warn of an untested version before they connect', () => {
  const events: RunEvent[] = []
  const reporting = { emit: (event: RunEvent) => void events.push(event), now: () => 7 }
  warnOfVersion({ version: '1.20.2' }, reporting)
  expect(events).toEqual([])
  warnOfVersion({ version: '1.37.0' }, reporting)
  expect(events).toEqual([
    { type: 'message', at: 7, level: 'warning', text: expect.stringContaining('1.37 is untested') },
  ])
})
