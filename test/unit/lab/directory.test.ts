import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  claimDirectory,
  labDirectory,
  markerName,
  removeDirectory,
} from '../../../src/lab/nspawn/directory.js'

let base = ''
let lab = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ks-lab-'))
  lab = join(base, 'lab')
})
afterEach(() => rmSync(base, { recursive: true }))

/** Files by their paths below `base`; a path that ends with / is a directory. */
function put(...paths: string[]): void {
  for (const path of paths) {
    const whole = join(base, path)
    mkdirSync(path.endsWith('/') ? whole : dirname(whole), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(whole, 'x')
  }
}

const born = [
  'lab/machines/cp1/made',
  'lab/machines/cp1/base',
  'lab/machines/cp1/upper/',
  'lab/machines/cp1/root/',
]
const keys = ['lab/ssh/id_ed25519', 'lab/ssh/id_ed25519.pub', 'lab/ssh/known_hosts']

/** As lab down does it, without the machines' processes and mounts. */
async function down(): Promise<readonly string[]> {
  const own = await labDirectory(lab)
  for (const name of own?.machines ?? []) rmSync(join(lab, 'machines', name), { recursive: true })
  return own ? removeDirectory(own) : []
}

describe('the directory of a lab', () => {
  it('is made with its marker, and goes whole', async () => {
    await claimDirectory(lab)
    expect(readdirSync(lab).sort()).toEqual([markerName, 'machines'])
    put(...born, ...keys)
    expect(await labDirectory(lab)).toEqual({ directory: lab, machines: ['cp1'] })
    expect(await down()).toEqual([])
    expect(existsSync(lab)).toBe(false)
    expect(await down()).toEqual([])
  })

  it('of version 0.1.0, without a marker, is known by what is in it, and marked by the next lab up', async () => {
    put(...born, ...keys)
    expect(await labDirectory(lab)).toEqual({ directory: lab, machines: ['cp1'] })
    await claimDirectory(lab)
    expect(existsSync(join(lab, markerName))).toBe(true)
    expect(await down()).toEqual([])
    expect(existsSync(base) && !existsSync(lab)).toBe(true)
  })

  it('loses what is the lab’s and nothing else, though it is marked', async () => {
    await claimDirectory(lab)
    put(...born, ...keys, 'lab/inventory.yaml', 'lab/ssh/mine', 'lab/snapshots/a')
    expect([...(await down())].sort()).toEqual(['inventory.yaml', 'snapshots', 'ssh'])
    expect(readdirSync(join(lab, 'ssh'))).toEqual(['mine'])
    expect(readdirSync(lab).sort()).toEqual(['inventory.yaml', 'snapshots', 'ssh'])
  })
})

describe('a directory that is no lab’s', () => {
  it.each([
    ['the inventory’s own', [...born, ...keys, 'lab/inventory.yaml'], 'it holds inventory.yaml'],
    ['a home', ['lab/.bashrc', 'lab/.ssh/id'], 'it holds .bashrc, .ssh'],
    ['one with other machines', ['lab/machines/vm1/disk.qcow2'], 'it holds machines/vm1'],
    ['one with other keys', ['lab/ssh/sshd_config'], 'it holds ssh/sshd_config'],
    ['one whose marker says something else', [`lab/${markerName}`, 'lab/a'], `it holds ${markerName}, a`],
  ])('is neither taken nor emptied: %s', async (_, paths, why) => {
    put(...paths)
    const before = readdirSync(base, { recursive: true }).sort()
    for (const act of [down, () => claimDirectory(lab)])
      await expect(act()).rejects.toMatchObject({
        kind: 'inventory',
        message: `${lab} is not a lab's directory`,
        why: expect.stringContaining(why),
      })
    expect(readdirSync(base, { recursive: true }).sort()).toEqual(before)
  })

  it('is one of the system’s, though it is empty', async () => {
    for (const path of ['/', '/mnt', '/srv', '/tmp'])
      await expect(labDirectory(path)).rejects.toMatchObject({ why: 'it is a directory of the system' })
  })

  it('is not found through a link, nor is what a link in a lab leads to', async () => {
    await claimDirectory(join(base, 'other'))
    symlinkSync(join(base, 'other'), lab)
    await expect(down()).rejects.toMatchObject({ why: 'it is a link' })
    rmSync(lab)
    put('precious/file')
    for (const link of ['machines', 'ssh', 'machines/cp1', 'machines/cp1/root', 'machines/cp1/data']) {
      await claimDirectory(lab)
      rmSync(join(lab, link), { recursive: true, force: true })
      mkdirSync(dirname(join(lab, link)), { recursive: true })
      symlinkSync(join(base, 'precious'), join(lab, link))
      await expect(down()).rejects.toMatchObject({ why: expect.stringContaining('is no directory') })
      expect(readdirSync(join(base, 'precious'))).toEqual(['file'])
      rmSync(lab, { recursive: true })
    }
  })
})
