import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyCgroups } from '../../../../src/steps/reset/stopped-step.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const group = (path: string, processes = ''): void => {
  mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, path, 'cgroup.procs'), processes)
}
const found = (): string =>
  execFileSync('sh', ['-c', `${emptyCgroups}\nempty_cgroups "$1"`, 'sh', root])
    .toString()
    .replaceAll(root, '')

test('the cgroups of Pods are found, of both drivers and both versions', () => {
  for (const path of ['cpu/kubepods/burstable/pod1', 'kubepods.slice/kubepods-besteffort.slice']) group(path)
  group('cpu/user.slice')
  expect(found()).toBe('/cpu/kubepods\n/kubepods.slice\n')
})

test('one in which a process runs is left alone', () => {
  group('cpu/kubepods/burstable/pod1', '4711\n')
  group('memory/kubepods')
  expect(found()).toBe('/memory/kubepods\n')
})

test('where there are none nothing is found', () => {
  expect(found()).toBe('')
})
