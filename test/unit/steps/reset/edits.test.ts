import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { FileState } from '../../../../src/host/host.js'
import { withBlock } from '../../../../src/resources/edit-file.js'
import { fstabWithoutSwap, fstabWithSwap } from '../../../../src/resources/swap-off.js'
import { undoEdit } from '../../../../src/steps/reset/edits.js'

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const file = (text: string): FileState => ({
  kind: 'file',
  mode: '0640',
  owner: 'root:adm',
  size: text.length,
  sha256: sha(text),
  content: Buffer.from(text),
})
const absent: FileState = { kind: 'absent' }
const hosts = '127.0.0.1 localhost\n'
const edited = withBlock(hosts, ['10.0.0.1 api'])

describe('undoing an edit', () => {
  test.each([
    ['a file that is gone by itself', '/etc/hosts', absent, file(hosts), 'nothing'],
    ['a file that is already as it was', '/etc/hosts', file(hosts), file(hosts), 'nothing'],
    ['a file as we left it', '/etc/hosts', file(edited), file(hosts), 'restore'],
    ['a file somebody went on from', '/etc/hosts', file(`${edited}10.0.0.9 db\n`), file(hosts), 'write'],
    ['a file whose block somebody took out', '/etc/hosts', file(`${hosts}\n`), file(hosts), 'nothing'],
    ['a file of mixed authorship', '/etc/docker/daemon.json', file('{"a":1}'), file('{}'), 'leave'],
  ])('%s', (_title, path, now, before, kind) => {
    expect(undoEdit(path, { created: false, wrote: sha(edited) }, now, before).kind).toBe(kind)
  })

  test('removes a file that was not there, when nothing but our part is in it', () => {
    const ours = withBlock('', ['10.0.0.1 api'])
    expect(undoEdit('/etc/hosts', { created: true, wrote: sha('older') }, file(ours), absent).kind).toBe(
      'remove',
    )
    expect(undoEdit('/x', { created: true, wrote: sha('{}') }, file('{}'), absent).kind).toBe('remove')
  })

  test("takes out our part and nothing else, with the file's mode and owner", () => {
    const now = file(`${edited}10.0.0.9 db\n`)
    expect(undoEdit('/etc/hosts', { created: false, wrote: sha(edited) }, now, file(hosts))).toMatchObject({
      after: `${hosts}10.0.0.9 db\n`,
      mode: '0640',
      owner: 'root:adm',
    })
  })

  test('brings back swap entries as they were', () => {
    const fstab = '/dev/sda1 / ext4 defaults 0 1\n/dev/sda2\tnone\tswap sw 0 0\n# a remark\n'
    expect(fstabWithSwap(fstabWithoutSwap(fstab))).toBe(fstab)
  })
})
