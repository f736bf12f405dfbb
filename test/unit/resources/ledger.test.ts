import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseLedger } from '../../../src/resources/ledger.js'
import { isSystemDirectory } from '../../../src/resources/ledger-line.js'

const digest = (char: string): string => char.repeat(64)

describe('a ledger that is read', () => {
  test('the first line of a subject counts, and the last digest of what was written', () => {
    const text = `file\t/a/f\treplaced\n2\tfile\t/a/f\tcreated\nwrote\t/a/b\t${digest('1')}\n2\twrote\t/a/b\t${digest('2')}\nedit\t/a/b\tcreated\n`
    expect(parseLedger(text)).toEqual([
      { kind: 'file', subject: '/a/f', detail: 'replaced' },
      { kind: 'wrote', subject: '/a/b', detail: digest('2') },
      { kind: 'edit', subject: '/a/b', detail: 'created' },
    ])
  })

  test('a last line cut in the middle is left out', () => {
    expect(parseLedger('package\tdocker.io\t\nfile\t/etc/pas')).toEqual([
      { kind: 'package', subject: 'docker.io', detail: '' },
    ])
  })

  test.each([
    ['something\telse\t\n', 'line 1: not a line of a ledger'],
    ['tree\t/srv/x\t\nfile\t/etc/x\n', 'line 2: not a line of a ledger'],
    ['\n', 'line 1: not a line of a ledger'],
    ['toString\t/x/y\t\n', 'not a line of a ledger'],
    ['3\ttree\t/srv/x\t\n', 'not a line of a ledger'],
    ['2\timage\ta b\t\n', 'not a subject'],
    ['2\timage\t%2\t\n', 'not a subject'],
    ['2\ttree\t%2f\t\n', 'directory of the system'],
    ['tree\t/etc\t\n', 'directory of the system'],
    ['tree\t/\t\n', 'directory of the system'],
    ['tree\t//var//lib/\t\n', 'directory of the system'],
    ['tree\t/home/ann\t\n', 'directory of the system'],
    ['file\t/usr/bin\tcreated\n', 'directory of the system'],
    ['tree\t/srv/../etc\t\n', '"." or ".."'],
    ['tree\tsrv/x\t\n', 'not an absolute path'],
    ['file\t/a/b\tmaybe\n', 'not a detail'],
    ['package\t-y\t\n', 'not a name'],
    ['image\tx y\t\n', 'not a name'],
  ])('%j is refused', (text, why) => {
    expect(() => parseLedger(text)).toThrow(why)
  })

  test.each([
    '/var/lib/kubelet',
    '/etc/cni/net.d',
    '/var/log/pods',
    '/run/flannel',
    '/etc/kubernetes/pki',
    '/data/etcd',
  ])('%s may be ours', (path) => {
    expect(isSystemDirectory(path)).toBe(false)
    expect(parseLedger(`tree\t${path}/\t\n`)).toEqual([{ kind: 'tree', subject: path, detail: '' }])
  })

  test('a system directory that 0.1.0 noted as one to make is no reason to refuse the rest', () => {
    expect(parseLedger('directory\t/lib/modules\t\n')).toHaveLength(1)
  })

  test('no text of whatever kind empties a directory of the system', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'/.etc\t\n2%fr'), maxLength: 30 }), (text) => {
        let entries: ReturnType<typeof parseLedger>
        try {
          entries = parseLedger(`tree\t${text}\t\n`)
        } catch {
          return
        }
        for (const { kind, subject } of entries)
          expect(kind === 'tree' && isSystemDirectory(subject)).toBe(false)
      }),
    )
  })
})
