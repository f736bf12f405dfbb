import { mkdirSync, symlinkSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeSubject, ledgerFunctions, noteArguments } from '../../../src/host/ledger-script.js'
import { parseLedger } from '../../../src/resources/ledger.js'
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
  return told()
}
/** The lines, decoded: "KIND<tab>SUBJECT<tab>DETAIL". */
const told = (): string[] =>
  parseLedger(box.ledger()).map(({ kind, subject, detail }) =>
    [kind, subject.replace(box.root, ''), detail].join('\t'),
  )
const sh = (text: string, ...args: string[]): string => box.run(`${ledgerFunctions}\n${text}`, args)

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

  test('no subject can pass for another line, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        const odd = text.replaceAll('\0', '').replace(/[\uD800-\uDFFF]/g, '')
        if (odd === '') return
        box.remove()
        box = ledgerSandbox()
        sh('note image "$1" "" && note image after "" && remembered', odd)
        const lines = box.ledger().split('\n').slice(0, -1)
        expect(lines.map((line) => line.split('\t').length)).toEqual([4, 4])
        expect(decodeSubject(lines[0]?.split('\t')[2] ?? '')).toBe(odd)
        // and it is known again
        sh('has image "$1" || exit 9', odd)
      }),
      { numRuns: 60, examples: [['x\ntree\t/etc\t\n'], ['x\t'], ['%2f'], ['a b'], ["'"]] },
    )
  })

  test('a reference with a line feed notes one thing, through a whole mutation', () => {
    expect(noteArguments(['image x\ntree /etc', 'file /a b'])).toEqual([
      'image',
      'x\ntree /etc',
      'file',
      '/a b',
    ])
  })

  test('what version 0.1.0 noted is known, and not noted again', () => {
    put(`${box.root}/f g`, 'ours')
    box.run('mkdir -p /var/lib/kubestrap && printf "%s" "$1" >/var/lib/kubestrap/ledger', [
      `file\t${box.root}/f g\tcreated\npackage\tdocker.io\t\n`,
    ])
    expect(remember(['file', `${box.root}/f g`], ['package', 'docker.io'])).toEqual([
      'file\t/f g\tcreated',
      'package\tdocker.io\t',
    ])
    expect(box.ledger().split('\n').length).toBe(3)
  })

  test('a line that a power failure cut is no beginning of the next', () => {
    box.run('mkdir -p /var/lib/kubestrap && printf "%s" "$1" >/var/lib/kubestrap/ledger', ['file\t/etc/pas'])
    sh('note package socat "" && remembered')
    expect(told()).toEqual(['package\tsocat\t'])
  })
})
