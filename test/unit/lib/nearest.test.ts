import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../../src/lib/nearest.js'

describe('nearest', () => {
  it.each([
    ['networkin', ['networking', 'network'], 'networking'],
    ['controlplane', ['control-plane', 'worker'], 'control-plane'],
    ['Worker', ['control-plane', 'worker'], 'worker'],
    ['dockr', ['docker'], 'docker'],
    ['usr', ['user', 'port'], 'user'],
    ['minion', ['control-plane', 'worker'], undefined],
    ['', ['port'], undefined],
    ['x', [], undefined],
  ])('%j among %j is %j', (written, candidates, found) => {
    expect(nearest(written, candidates)).toBe(found)
  })

  it('finds the word itself wherever it stands', () => {
    const words = fc.uniqueArray(
      fc.string({ minLength: 1 }).map((word) => word.toLowerCase()),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(words, fc.nat(), (all, n) => {
        const word = all[n % all.length] ?? ''
        expect(nearest(word, all)).toBe(word)
      }),
    )
  })
})

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
  ])('of %j and %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is a metric', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 })
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c))
      }),
    )
  })
})
