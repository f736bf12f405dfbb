import { expect, test } from 'vitest'
import { ownName } from '../../../src/phases/host.js'
import { withBlock } from '../../../src/resources/edit-file.js'

test.each([
  ['an empty file', '', ['10.0.0.5 w1']],
  ['only others', '127.0.0.1 localhost\n10.0.0.6 w12 w1.example.org\n', ['10.0.0.5 w1']],
  ['a remark alone', '# 10.0.0.5 w1\n127.0.0.1 localhost # w1\n', ['10.0.0.5 w1']],
  ["Debian's own line", '127.0.0.1 localhost\n127.0.1.1\tw1.example.org\tw1\n', []],
])('the name of a machine, given %s', (_what, text, lines) => {
  expect(ownName(text, 'w1', '10.0.0.5')).toEqual(lines)
})

test('our own block is no reason to leave the line out, so the edit is idempotent', () => {
  const edit = (text: string): string => withBlock(text, ownName(text, 'w1', '10.0.0.5'))
  const once = edit('127.0.0.1 localhost\n')
  expect(once).toContain('10.0.0.5 w1')
  expect(edit(once)).toBe(once)
})
