import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ledgerFunctions } from '../../../../src/host/ledger-script.js'
import { writeScript } from '../../../../src/host/mutate-script.js'
import { parseLedger } from '../../../../src/resources/ledger.js'
import { filesScript } from '../../../../src/steps/reset/files-script.js'
import { mountsBelow } from '../../../../src/steps/reset/stopped-step.js'
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
    expect(reset('do')).toEqual(["left /d: theirs is not kubestrap's"])
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

  test('empties the directory that a tree is a link to, and keeps link, target and lost+found', () => {
    mkdirSync(`${box.root}/disk/lost+found`, { recursive: true })
    symlinkSync(`${box.root}/disk`, `${box.root}/etcd`)
    box.run(`${ledgerFunctions}\nremember tree "$1" && remembered`, [`${box.root}/etcd`])
    put(`${box.root}/disk/member/wal/0.wal`, 'x')
    put(`${box.root}/disk/lost+found/#12`, 'theirs')
    expect(reset('look')).toEqual(['empty /etcd'])
    expect(reset('do')).toEqual([])
    expect(Object.keys(box.listing()).map((path) => path.replace(box.root, ''))).toEqual([
      '/disk',
      '/disk/lost+found',
      '/disk/lost+found/#12',
      '/etcd',
    ])
    expect(reset('look')).toEqual([])
  })

  test('does not follow a link to a directory of the system', () => {
    symlinkSync('/usr/share', `${box.root}/tree`)
    const asked = ['tree', `${box.root}/tree`]
    // it is only looked at here: what is to be emptied would be
    expect(box.run(filesScript, ['look', ...asked])).toBe('')
  })

  test('names what was in a directory of the cluster before kubestrap came', () => {
    put(`${box.root}/etcd/member/wal/0.wal`, 'x')
    box.run(`${ledgerFunctions}\nremember tree "$1" && remembered`, [`${box.root}/etcd`])
    expect(box.ledger()).toBe('')
    const asked = ['theirs', `${box.root}/etcd`]
    expect(box.run(filesScript, ['look', ...asked])).toBe('')
    expect(box.run(filesScript, ['do', ...asked])).toBe(
      `left ${box.root}/etcd: member was there before kubestrap; remove it if it is of no use\n`,
    )
    expect(box.listing()[`${box.root}/etcd/member/wal/0.wal`]).toBeDefined()
  })
})

describe.skipIf(spawnSync('unshare', ['-m', 'true']).status !== 0)('mounts below a tree', () => {
  test('are found where a link leads, with blanks in their names, and nothing beside them', () => {
    const script = `${mountsBelow}
cd "$1" && mkdir -p 'disk/a b' disk/c diskette && ln -s disk tree &&
for d in 'disk/a b' disk/c diskette; do mount -t tmpfs none "$d" || exit 1; done
mounts_below "$1/tree"; mounts_below "$1/absent"`
    const ran = spawnSync('unshare', ['-m', '/bin/sh', '-c', script, 'sh', box.root], { encoding: 'utf8' })
    expect(ran.stdout.replaceAll(box.root, '')).toBe('/disk/a b\n/disk/c\n')
  })
})
