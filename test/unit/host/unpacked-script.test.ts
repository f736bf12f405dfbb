import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { unpackedScript } from '../../../src/host/download-script.js'

const directory = mkdtempSync(join(tmpdir(), 'ks-unpacked-'))
afterAll(() => rmSync(directory, { recursive: true }))

const there = (name: string): string => join(directory, name)
const unpacked = (records: string): string =>
  execFileSync('sh', ['-c', `${unpackedScript(there(records))}\nexit 0`], { encoding: 'utf8' })

test('an archive counts while its files are in their places: a link among them is to a package, to which the host went back', () => {
  mkdirSync(there('records'))
  const record = (name: string): void =>
    writeFileSync(
      there(`records/${name}`),
      `aa bb ${there(`of ${name}`)}\ncc dd ${there(`more of ${name}`)}\n`,
    )
  for (const name of ['containerd', 'cniPlugins', 'etcd', 'runc']) record(name)
  for (const name of ['of containerd', 'more of containerd', 'of cniPlugins', 'more of runc'])
    writeFileSync(there(name), '')
  symlinkSync(there('of containerd'), there('more of cniPlugins'))
  expect(unpacked('records')).toBe('containerd\nrunc\n')
})

test('a host without records has none', () => {
  expect(unpacked('nothing')).toBe('')
})
