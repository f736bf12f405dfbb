import { symlinkSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeScript } from '../../../../src/host/mutate-script.js'
import { filesScript } from '../../../../src/phases/reset/files-script.js'
import { parseLedger } from '../../../../src/resources/ledger.js'
import { type LedgerSandbox, ledgerSandbox, put } from '../../../support/ledger-sandbox.js'

let box: LedgerSandbox
beforeEach(() => {
  box = ledgerSandbox()
})
afterEach(() => box.remove())

const write = (path: string, content: string, as = 'file'): void => {
  const said = box.run(
    writeScript,
    [path, '0644', 'root:root', '0755', '', as],
    `${Buffer.from(content).toString('base64')}\n`,
  )
  if (said !== 'ok\n') throw new Error(said)
}

const reset = (doing: 'look' | 'do'): string[] => {
  const args = parseLedger(box.ledger()).flatMap(({ kind, subject, detail }) => {
    if (kind === 'file') return [detail, subject]
    return kind === 'tree' || kind === 'directory' ? [kind, subject] : []
  })
  return box
    .run(filesScript, [doing, ...args])
    .replaceAll(box.root, '')
    .split('\n')
    .filter(Boolean)
}

// few names, so that paths meet
const path = fc
  .array(fc.constantFrom('a', 'b', "it's", 'c d'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
const files = fc.uniqueArray(fc.tuple(path, fc.string()), { selector: ([name]) => name, maxLength: 6 })

describe('taking files away again', () => {
  test('gives back exactly the tree there was, whatever was written over it, however often', () => {
    fc.assert(
      fc.property(files, fc.array(fc.tuple(path, fc.string()), { maxLength: 8 }), (theirs, ours) => {
        box.remove()
        box = ledgerSandbox()
        for (const [name, content] of theirs) {
          try {
            put(`${box.root}/${name}`, content)
          } catch {
            // a file where a directory would have to be
          }
        }
        const before = box.listing()
        for (const [name, content] of ours) {
          try {
            write(`${box.root}/${name}`, content)
          } catch {
            // likewise: the script says so and writes nothing
          }
        }
        reset('do')
        expect(box.listing()).toEqual(before)
        expect(reset('look')).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test('says what it would do and does nothing of it when it only looks', () => {
    put(`${box.root}/theirs`, '1')
    write(`${box.root}/theirs`, '2')
    write(`${box.root}/d/ours`, '3')
    const before = box.listing()
    expect(reset('look').sort()).toEqual(['remove /d/ours', 'restore /theirs'])
    expect(box.listing()).toEqual(before)
  })

  test('leaves a directory with something of others in it, and names it', () => {
    write(`${box.root}/d/ours`, '1')
    put(`${box.root}/d/theirs`, '2')
    expect(reset('do')).toEqual(['left /d: theirs is not ours'])
    expect(box.listing()).toEqual({ [`${box.root}/d`]: 'directory', [`${box.root}/d/theirs`]: 'file 644 2' })
  })

  test('empties a tree of ours, and does not follow links out of it', () => {
    put(`${box.root}/outside`, 'theirs')
    write(`${box.root}/tree/x/y`, '1', `${box.root}/tree`)
    symlinkSync(`${box.root}/outside`, `${box.root}/tree/link`)
    reset('do')
    expect(Object.keys(box.listing())).toEqual([`${box.root}/outside`])
  })

  test('takes the temporary file of a write that was cut', () => {
    write(`${box.root}/ours`, '1')
    put(`${box.root}/.ours.kubestrap-123`, 'half')
    reset('do')
    expect(box.listing()).toEqual({})
  })
})
