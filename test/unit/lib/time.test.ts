import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, roughly } from '../../../src/lib/time.js'

describe('durations', () => {
  test.each([
    ['30m', 1_800_000],
    ['24h0m0s', 86_400_000],
    ['7d', 604_800_000],
    ['1h30m', 5_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '0', '0s', '5', 'h', '1.5h', '-1h', '1h ', '1w', '99999999999999999d'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  test.each([
    [0, '0s'],
    [-5, '0s'],
    [40_900, '40s'],
    [90_000, '1m 30s'],
    [3_600_000, '1h'],
    [90_061_000, '1d 1h'],
    [86_401_000, '1d'],
  ])('%d ms are roughly %s', (ms, text) => {
    expect(roughly(ms)).toBe(text)
  })

  test('roughly is never more, and off by less than its smallest part', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1e10 }), (ms) => {
        const shown = parseDuration(roughly(ms).replace(' ', '')) ?? 0
        expect(shown).toBeLessThanOrEqual(ms)
        expect(ms - shown).toBeLessThan(ms > 86_400_000 ? 3_600_000 : ms > 3_600_000 ? 60_000 : 1000)
      }),
    )
  })
})
