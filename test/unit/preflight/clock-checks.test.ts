import { describe, expect, test } from 'vitest'
import { clockChecks } from '../../../src/preflight/clock-checks.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { contextOf, machine } from '../../support/context.js'

/** What is said of machines m1, m2 … by their skew in seconds, or [skew, uncertainty]. */
function told(...clocks: readonly (number | readonly [number, number])[]): string[] {
  const machines = clocks.map((clock, i) => {
    const [skew, uncertain] = typeof clock === 'number' ? [clock, 0] : clock
    const facts = { clockSkewMs: skew * 1000, clockUncertainMs: uncertain * 1000 }
    return machine({ name: `m${i + 1}`, address: `10.88.0.1${i}` }, facts)
  })
  return clockChecks.flatMap(({ run }) =>
    run(contextOf(machines), notCloser).map(({ host, severity, what }) => `${host} ${severity}: ${what}`),
  )
}

describe('clocks', () => {
  test('that agree to a few seconds are fine', () => {
    expect(told(0, 1, -3.9)).toEqual([])
    expect(told(-2, 2)).toEqual([])
  })

  test('are compared with the one in the middle, and each that differs is named', () => {
    expect(told(0.5, 12.8, 0.4, -90, 0.5)).toEqual([
      'm2 error: the clock is 12.3 s ahead of the clock of m1',
      'm4 error: the clock is 90.5 s behind the clock of m1',
    ])
  })

  test('of two the one that differs from ours is named', () => {
    expect(told(0, 60)).toEqual(['m2 error: the clock is 60.0 s ahead of the clock of m1'])
    expect(told(-60, 0)).toEqual(['m1 error: the clock is 60.0 s behind the clock of m2'])
  })

  test('at two sides of the middle are told too', () => {
    expect(told(-3, 0, 3)).toEqual(['m3 error: the clock is 6.0 s ahead of the clock of m1'])
  })

  test('are not blamed for what the reading leaves open', () => {
    expect(told(0, [7, 2.5])).toEqual([])
    expect(told([0, 1], [7, 1.5])).toEqual([])
    expect(told(0, [9, 2.5])).toEqual(['m2 error: the clock is 9.0 s (± 2.5 s) ahead of the clock of m1'])
  })

  test('that agree with each other and not with ours: ours is likely wrong, and said once', () => {
    expect(told(20, 20.1)).toEqual([
      'm1 warning: the clock, like those of the other machines, is 20.0 s ahead of the local clock',
    ])
    expect(told(-400, -399.9)).toEqual([
      'm2 error: the clock, like those of the other machines, is 399.9 s behind the local clock',
    ])
  })
})
