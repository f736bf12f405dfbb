import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readInventoryFile } from '../../../src/inventory/read-file.js'

const directory = mkdtempSync(join(tmpdir(), 'ks-read-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('a file is read whole', () => {
  const text = `${'ä'.repeat(300_000)}\n`
  writeFileSync(join(directory, 'a'), text)
  expect(readInventoryFile(join(directory, 'a'), 'regular')).toBe(text)
})

test('what never ends is not read to its end', () => {
  expect(readInventoryFile('/dev/zero', 'any').length).toBe(4 * 1024 * 1024 + 1)
})

test('a pipe that nobody writes to, a device and a directory are no files to include', () => {
  execFileSync('mkfifo', [join(directory, 'pipe')])
  for (const path of [join(directory, 'pipe'), '/dev/zero', directory])
    expect(() => readInventoryFile(path, 'regular')).toThrow('is not a regular file')
})
