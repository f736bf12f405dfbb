import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/engine/step.js'
import { changeLine, counts, duration, indent, table } from '../../../src/ui/format.js'

describe('duration', () => {
  it.each([
    [0, '0.0s'],
    [49, '0.0s'],
    [400, '0.4s'],
    [12_345, '12.3s'],
    [59_949, '59.9s'],
    [59_950, '1m00s'],
    [60_000, '1m00s'],
    [125_400, '2m05s'],
    [119_600, '2m00s'],
    [3_600_000, '60m00s'],
  ])('of %i milliseconds is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})

describe('counts', () => {
  it.each([
    [{ ok: 3, changed: 2, failed: 0, skipped: 0, blocked: 0 }, '3 ok, 2 changed'],
    [{ ok: 0, changed: 0, failed: 1, skipped: 4, blocked: 0 }, '1 failed, 4 not reached'],
    [{ ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0 }, 'nothing to do'],
  ])('of %o is %s', (of, text) => {
    expect(counts(of)).toBe(text)
  })
})

describe('changeLine', () => {
  it.each<[Change, string]>([
    [{ kind: 'create', summary: 'write x' }, 'write x'],
    [{ kind: 'create', summary: 'write x', effects: [] }, 'write x'],
    [
      {
        kind: 'create',
        summary: 'write x',
        effects: [
          { kind: 'restart', of: 'unit', name: 'a' },
          { kind: 'reload', of: 'unit', name: 'b' },
        ],
      },
      'write x (restarts a, reloads b)',
    ],
  ])('of %o is %s', (change, text) => {
    expect(changeLine(change)).toBe(text)
  })
})

it('a table has aligned columns and no blanks at the end of lines', () => {
  expect(
    table([
      ['NAME', 'STATE', ''],
      ['cp1', 'running', 'x'],
      ['a-long-name', '', ''],
    ]),
  ).toBe('NAME         STATE\ncp1          running  x\na-long-name')
})

it('a table may be empty', () => {
  expect(table([])).toBe('')
})

it('indent moves every line that holds something', () => {
  expect(indent('a\n\n b\n')).toBe('  a\n\n   b\n')
  expect(indent('a\nb', '| ')).toBe('| a\n| b')
})
