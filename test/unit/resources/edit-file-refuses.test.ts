import { describe, expect, test } from 'vitest'
import type { FileState } from '../../../src/host/host.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { editFile } from '../../../src/resources/edit-file.js'

const file = { kind: 'file', mode: '0644', owner: 'root:root', size: 9, sha256: 'f'.repeat(64) } as const
const step = editFile(createHost('h', localConnection()), {
  path: '/etc/hosts',
  edit: (text) => `${text}more\n`,
})

describe("a file that is the user's", () => {
  test('counts as empty only when it is not there', () => {
    expect(step.diff({ kind: 'absent' })).toHaveLength(1)
  })

  test.each<[string, FileState]>([
    ['too large to have been read', { ...file, size: 2_000_000 }],
    ['not UTF-8', { ...file, content: Buffer.from([0x61, 0xff, 0x0a]) }],
    ['a link', { kind: 'symlink', target: '/run/hosts' }],
    ['a directory', { kind: 'directory', mode: '0755', owner: 'root:root' }],
  ])('is never edited when it is %s', (_what, state) => {
    expect(() => step.diff(state)).toThrowError(expect.objectContaining({ kind: 'step', host: 'h' }))
  })
})
