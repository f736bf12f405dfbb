import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
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
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changeUserFile } from '../../../src/operations/user-file.js'

let directory = ''
let file = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-user-'))
  file = join(directory, '.kube', 'config')
})
afterEach(() => rmSync(directory, { recursive: true }))

const mode = (path: string): number => statSync(path).mode & 0o777
const put = (text: string, as = 0o600): void => {
  mkdirSync(join(directory, '.kube'), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, as)
}

test('a new file, and its directory, are for their owner alone', async () => {
  await changeUserFile(file, (text) => `${text}new`)
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(mode(file)).toBe(0o600)
  expect(mode(join(directory, '.kube'))).toBe(0o700)
  expect(readdirSync(join(directory, '.kube'))).toEqual(['config'])
})

test('a file that is there keeps its mode', async () => {
  put('old', 0o640)
  await changeUserFile(file, (text) => `${text} new`)
  expect(readFileSync(file, 'utf8')).toBe('old new')
  expect(mode(file)).toBe(0o640)
})

test('a link stays a link, and the file it leads to is changed where it lies', async () => {
  put('')
  rmSync(file)
  const elsewhere = join(directory, 'dotfiles')
  writeFileSync(elsewhere, 'old')
  symlinkSync(elsewhere, file)
  await changeUserFile(file, () => 'new')
  expect(lstatSync(file).isSymbolicLink()).toBe(true)
  expect(readFileSync(elsewhere, 'utf8')).toBe('new')
})

test.each([
  [
    'a link that leads nowhere',
    () => symlinkSync(join(directory, 'nothing'), file),
    'a link that leads nowhere',
  ],
  ['a directory', () => mkdirSync(file), 'not an ordinary file'],
  ['a file that kubectl is writing', () => writeFileSync(`${file}.lock`, ''), 'is locked'],
])('%s is refused, and nothing is left behind', async (_, make, words) => {
  mkdirSync(join(directory, '.kube'))
  make()
  const before = readdirSync(join(directory, '.kube'))
  await expect(changeUserFile(file, () => 'new')).rejects.toThrowError(words)
  expect(readdirSync(join(directory, '.kube'))).toEqual(before)
})

test('a change that is refused leaves the file and no lock', async () => {
  put('old')
  const refused = changeUserFile(file, () => {
    throw new Error('no')
  })
  await expect(refused).rejects.toThrowError('no')
  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(existsSync(`${file}.lock`)).toBe(false)
})
