import { mkdirSync, symlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ledgerFunctions } from '../../../src/host/ledger-script.js'
import { type LedgerSandbox, ledgerSandbox, put } from '../../support/ledger-sandbox.js'

let box: LedgerSandbox
beforeEach(() => {
  box = ledgerSandbox()
})
afterEach(() => box.remove())

const remember = (...entries: [kind: string, subject: string][]): string[] => {
  box.run(
    `${ledgerFunctions}\nwhile [ $# -gt 0 ]; do remember "$1" "$2" || exit 1; shift 2; done; remembered`,
    entries.flat(),
  )
  return box.ledger().replaceAll(box.root, '').split('\n').filter(Boolean)
}

describe('the ledger', () => {
  test('tells a file that was made from one that was replaced, and keeps what was there', () => {
    put(`${box.root}/old file`, 'theirs')
    expect(remember(['file', `${box.root}/new`], ['file', `${box.root}/old file`])).toEqual([
      'file\t/new\tcreated',
      'file\t/old file\treplaced',
    ])
    expect(box.before(`${box.root}/old file`)).toBe('theirs')
    expect(box.before(`${box.root}/new`)).toBeUndefined()
  })

  test('notes nothing of a file where a directory is: none will be written', () => {
    mkdirSync(`${box.root}/d`)
    expect(remember(['file', `${box.root}/d`])).toEqual([])
  })

  test('keeps a link as a link', () => {
    symlinkSync('/nowhere', `${box.root}/link`)
    expect(remember(['file', `${box.root}/link`])).toEqual(['file\t/link\treplaced'])
  })

  test('keeps what was there before the first touch, whatever comes after', () => {
    put(`${box.root}/f`, 'theirs')
    remember(['edit', `${box.root}/f`])
    put(`${box.root}/f`, 'ours')
    expect(remember(['edit', `${box.root}/f`])).toEqual(['edit\t/f\treplaced'])
    expect(box.before(`${box.root}/f`)).toBe('theirs')
  })

  test('names the directories that have to be made, the deepest first', () => {
    expect(remember(['file', `${box.root}/a/b/c`])).toEqual([
      'directory\t/a/b\t',
      'directory\t/a\t',
      'file\t/a/b/c\tcreated',
    ])
  })

  test.each([
    ['absent', () => {}, ['directory\t/t\t', 'tree\t/t\t']],
    ['empty, and not as a directory: that was there', () => mkdirSync(`${box.root}/t`), ['tree\t/t\t']],
    ['holding something of others', () => put(`${box.root}/t/theirs`, ''), []],
  ])('owns a tree that is %s', (_state, prepare, lines) => {
    prepare()
    expect(remember(['tree', `${box.root}/t`])).toEqual(lines)
  })

  test('owns a tree it has made itself, also when something is in it already', () => {
    remember(['directory', `${box.root}/t`])
    put(`${box.root}/t/ours`, '')
    expect(remember(['tree', `${box.root}/t`])).toContain('tree\t/t\t')
  })
})
