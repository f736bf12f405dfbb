import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { run } from '../../../src/cli/run.js'
import { blocksOf } from '../../support/docs/blocks.js'
import { pages, root } from '../../support/docs/pages.js'

/** Opens a block that is merged into an inventory: it names no hosts, or only some. */
const part = '# a part of an inventory'

/** What such a part is merged into, as a second document of the file. */
const whole = `kubernetes: { version: "1.36.3", controlPlaneEndpoint: api.example.com:6443 }
hosts:
  cp1: { address: 10.0.0.11, roles: [control-plane] }
  w1: { address: 10.0.0.21, roles: [worker] }
---
`

const directory = mkdtempSync(join(tmpdir(), 'kubestrap-docs-'))
afterAll(() => rmSync(directory, { recursive: true }))

const out: string[] = []
beforeEach(() => {
  out.length = 0
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** `kubestrap inventory validate` of a text. */
const validate = async (text: string): Promise<number> => {
  const file = join(directory, 'inventory.yaml')
  writeFileSync(file, text)
  return run(['inventory', 'validate', '-i', file], '0')
}

const blocks = pages().flatMap((page) =>
  blocksOf(page).blocks.filter(({ language }) => language === 'yaml' || language === 'yml'),
)

describe('inventories in README and docs', () => {
  it('are found', () => {
    expect(blocks.length).toBeGreaterThan(15)
  })

  test.each(blocks.map(({ at, lines }) => [at, lines] as const))('%s is valid', async (_at, lines) => {
    const text = `${lines.join('\n')}\n`
    await expect(validate(lines[0] === part ? whole + text : text)).resolves.toBe(0)
    expect(out.join('')).toContain('is valid')
  })

  it('a wrong key would be noticed', async () => {
    await expect(validate(`${whole}runtme: docker\n`)).rejects.toMatchObject({ kind: 'inventory' })
  })
})

describe('inventories/', () => {
  const names = readdirSync(join(root, 'inventories')).filter((name) => name.endsWith('.yaml'))

  test.each(names)('%s opens with its purpose, its cost and what it survives', (name) => {
    const lines = readFileSync(join(root, 'inventories', name), 'utf8').split('\n')
    const opening = lines.slice(
      0,
      lines.findIndex((line) => !line.startsWith('#')),
    )
    expect(opening[0]).toMatch(/^# \w.*[.:]/)
    expect(opening.join(' ')).toMatch(/\bCosts \w+/)
    expect(opening.join(' ')).toMatch(/\bsurvives?\b/i)
  })

  it('README.md names each', () => {
    const index = readFileSync(join(root, 'inventories/README.md'), 'utf8')
    expect(names.filter((name) => !index.includes(`[${name}](${name})`))).toEqual([])
  })
})
