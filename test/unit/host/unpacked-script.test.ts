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

test('an archive counts while the first of its files is in its place: a link there is to a package', () => {
  mkdirSync(there('records'))
  const record = (name: string): void =>
    writeFileSync(there(`records/${name}`), `aa bb ${there(`of ${name}`)}\ncc dd ${there('other')}\n`)
  for (const name of ['containerd', 'cniPlugins', 'etcd']) record(name)
  writeFileSync(there('of containerd'), '')
  symlinkSync(there('of containerd'), there('of cniPlugins'))
  expect(unpacked('records')).toBe('containerd\n')
})

test('a host without records has none', () => {
  expect(unpacked('nothing')).toBe('')
})
