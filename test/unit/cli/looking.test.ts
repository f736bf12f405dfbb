import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { known } from '../../../src/catalog.js'
import { run } from '../../../src/cli/run.js'
import { loadInventory } from '../../../src/inventory/load.js'

const home = mkdtempSync(join(tmpdir(), 'ks-look-'))
const ran = join(home, 'ran')
const inventory = join(home, 'inventory.yaml')
const written: string[] = []

beforeAll(() => {
  mkdirSync(join(home, '.ssh'))
  writeFileSync(
    join(home, '.ssh/config'),
    `Match exec "touch ${ran}"
  User fromexec
Match !exec "touch ${ran}"
  Port 2222
Host *
  ProxyCommand touch ${ran}
`,
  )
  const secret = `"command:touch ${ran}; echo x"`
  writeFileSync(
    inventory,
    `kubernetes: { version: "1.20.2" }
binaries: { bundle: bundle }
ssh: { config: ${join(home, '.ssh/config')}, password: ${secret}, passphrase: ${secret}, sudo: { password: ${secret} } }
runtime: containerd
registries: { r.example.com: { auth: { username: u, password: ${secret} } } }
hosts: { cp1: { address: 192.0.2.11, roles: [control-plane] } }
`,
  )
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
})
afterEach(() => {
  written.length = 0
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(home, { recursive: true })
})

describe('looking at an inventory', () => {
  it.each([
    [['inventory', 'validate', '-i', inventory]],
    [['inventory', 'show', '-i', inventory, 'cp1']],
    [['inventory', 'show', '-i', inventory, 'cp1', '-o', 'json']],
    [['inventory', 'schema']],
    [['phase', 'list']],
    [['completion']],
  ])('runs nothing that it names: %j', async (argv) => {
    expect(await run(argv, '0.0.0')).toBe(0)
    expect(existsSync(ran)).toBe(false)
  })

  it('shows where values would come from, and that a Match exec was not asked', async () => {
    await run(['inventory', 'show', '-i', inventory, 'cp1'], '0.0.0')
    const text = written.join('')
    expect(text).toContain(`command:touch ${ran}`)
    expect(text).toContain(`${home}/.ssh/config:1 is a Match exec whose command was not run`)
    expect(text).toContain(`${home}/.ssh/config:3 is a Match exec whose command was not run`)
    // what is not known is neither true nor false
    expect(text).not.toMatch(/fromexec|2222/)
  })

  it('is told from connecting, for which the SSH configuration is evaluated as ssh does', async () => {
    const spec = await loadInventory(inventory, home, known)
    expect(existsSync(ran)).toBe(true)
    expect(spec.hosts[0]?.ssh).toMatchObject({ user: 'fromexec', port: 22 })
  })
})
