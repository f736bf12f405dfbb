import { expect, test } from 'vitest'
import { parseLedger } from '../../../src/resources/ledger.js'

test('the first line of a subject counts, and the last digest of what was written', () => {
  const text = 'file\t/a\treplaced\nfile\t/a\tcreated\nwrote\t/b\tone\nwrote\t/b\ttwo\nedit\t/b\tcreated\n'
  expect(parseLedger(text)).toEqual([
    { kind: 'file', subject: '/a', detail: 'replaced' },
    { kind: 'wrote', subject: '/b', detail: 'two' },
    { kind: 'edit', subject: '/b', detail: 'created' },
  ])
})

test('a last line cut in the middle and lines of other programs are left out', () => {
  expect(parseLedger('package\tdocker.io\t\nsomething\telse\n\nfile\t/etc/pas')).toEqual([
    { kind: 'package', subject: 'docker.io', detail: '' },
  ])
})
