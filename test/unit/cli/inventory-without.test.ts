import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inventoryWithout } from '../../../src/cli/inventory-without.js'

const text = `kubernetes: { version: "1.36.3", controlPlaneEndpoint: api.example.com:6443 }
ssh: { config: false }
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane] }
  # the one with the disk
  w1: { address: 192.0.2.21, roles: [worker] }
`

describe('an inventory file without a host', () => {
  let directory = ''
  let file = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ks-edit-'))
    file = join(directory, 'inventory.yaml')
    writeFileSync(file, text)
    chmodSync(file, 0o640)
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  const without = (...names: string[]) => inventoryWithout({ inventory: file }, names)

  it('keeps its mode, its comments and its link, and leaves nothing beside it', async () => {
    const link = join(directory, 'link.yaml')
    symlinkSync('inventory.yaml', link)
    const edit = inventoryWithout({ inventory: link }, ['w1'])
    expect((await edit.check()).hosts.map(({ name }) => name)).toEqual(['cp1'])
    expect(readFileSync(file, 'utf8')).toBe(text)
    await edit.write()
    expect(readFileSync(file, 'utf8')).toBe(text.replace(/ {2}w1.*\n/, ''))
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readdirSync(directory).sort()).toEqual(['inventory.yaml', 'link.yaml'])
  })

  it('is edited as it is when it is written, whatever came in between', async () => {
    const edit = without('w1')
    await edit.check()
    writeFileSync(file, `${text}  w2: { address: 192.0.2.22, roles: [worker] }\n`)
    await edit.write()
    expect(readFileSync(file, 'utf8')).toContain('  w2: {')
    expect(readFileSync(file, 'utf8')).not.toContain('  w1: {')
    // again: nothing to do
    await edit.write()
  })

  it('is refused before anything is changed where it would be none, with the reason', async () => {
    await expect(without('cp1').check()).rejects.toMatchObject({
      kind: 'inventory',
      message: 'without cp1 the inventory would not be valid',
      why: expect.stringContaining('no host has the role control-plane'),
    })
  })

  it('is refused where another file of it has the host', async () => {
    writeFileSync(join(directory, 'more.yaml'), 'hosts:\n  w2: { address: 192.0.2.22, roles: [worker] }\n')
    writeFileSync(file, `include: [more.yaml]\n${text}`)
    await expect(without('w2').check()).rejects.toMatchObject({
      message: `w2 cannot be removed from ${file}`,
      why: expect.stringMatching(/^w2 is at .*more\.yaml:2:3$/),
    })
  })

  it('is refused where it is no UTF-8, or no file', async () => {
    writeFileSync(file, Buffer.concat([Buffer.from(text), Buffer.from('# \xe9\n', 'latin1')]))
    await expect(without('w1').check()).rejects.toMatchObject({ message: `${file} is not UTF-8` })
    await expect(inventoryWithout({ inventory: directory }, ['w1']).check()).rejects.toMatchObject({
      message: `cannot edit ${directory}`,
    })
  })
})
