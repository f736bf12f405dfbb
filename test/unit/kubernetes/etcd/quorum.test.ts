import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addingProblem,
  lossSentence,
  quorumOf,
  removingProblem,
  restartingProblem,
  toleranceOf,
  type Voter,
} from '../../../../src/kubernetes/etcd/quorum.js'

/** "cp1 cp2! cp3": those with a mark do not answer. */
const voters = (text: string): Voter[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ name: word.replace('!', ''), healthy: !word.endsWith('!') }))

const anyVoters = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 9 })
  .map((states) => states.map((healthy, i): Voter => ({ name: `cp${i + 1}`, healthy })))
const alive = (all: readonly Voter[]): number => all.filter(({ healthy }) => healthy).length

describe('quorum', () => {
  test.each([
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [6, 4, 2],
    [7, 4, 3],
  ])('of %i members needs %i and tolerates the loss of %i', (n, quorum, tolerance) => {
    expect([quorumOf(n), toleranceOf(n)]).toEqual([quorum, tolerance])
  })
})

describe('another voting member', () => {
  test('may come while all there are answer', () => {
    expect(addingProblem(voters('cp1'))).toBeUndefined()
    expect(addingProblem(voters('cp1 cp2 cp3'))).toBeUndefined()
  })

  test.each([
    [
      'cp1 cp2!',
      'cp2 of 2 voting members does not answer: with one more member a write needs 2 of 3, and 1 certainly answer, which is not enough',
    ],
    [
      'cp1 cp2 cp3!',
      'cp3 of 3 voting members does not answer: with one more member a write needs 3 of 4, and 2 certainly answer, which is not enough',
    ],
    [
      'cp1 cp2 cp3 cp4!',
      'cp4 of 4 voting members does not answer: with one more member a write needs 3 of 5, and 3 certainly answer',
    ],
  ])('waits while one is away (%s)', (text, words) => {
    expect(addingProblem(voters(text))).toBe(words)
  })
})

describe('a voting member that is removed', () => {
  test.each([
    ['cp1 cp2 cp3', 'cp3', undefined],
    ['cp1 cp2 cp3!', 'cp3', undefined],
    ['cp1 cp2', 'cp2', undefined],
    ['cp1 cp2 cp3!', 'cp2', 'without cp2 a write needs 2 of 2, and 1 would answer (not cp3)'],
    ['cp1 cp2!', 'cp2', 'a write needs 2 of 2 voting members, and 1 answer (not cp2)'],
    ['cp1', 'cp1', 'cp1 is the last voting member'],
  ])('of %s: %s', (text, name, problem) => {
    expect(removingProblem(voters(text), name)).toBe(problem)
  })

  test('never leaves the rest without a quorum, and one that is dead may always go while there is one', () => {
    fc.assert(
      fc.property(anyVoters, fc.nat(), (all, pick) => {
        const name = all[pick % all.length]?.name ?? ''
        const rest = all.filter((voter) => voter.name !== name)
        const dead = !all[pick % all.length]?.healthy
        if (removingProblem(all, name) === undefined) {
          expect(alive(all)).toBeGreaterThanOrEqual(quorumOf(all.length))
          expect(alive(rest)).toBeGreaterThanOrEqual(quorumOf(rest.length))
        } else if (dead) expect(alive(all)).toBeLessThan(quorumOf(all.length))
      }),
    )
  })
})

describe('a voting member that is restarted', () => {
  test.each([
    ['cp1 cp2 cp3', 'cp3', undefined],
    [
      'cp1 cp2 cp3!',
      'cp2',
      'while cp2 restarts a write needs 2 of 3 voting members, and 1 would answer (not cp3)',
    ],
    ['cp1 cp2 cp3!', 'cp3', undefined],
    ['cp1 cp2', 'cp2', undefined],
    ['cp1', 'cp1', undefined],
  ])('of %s: %s', (text, name, problem) => {
    expect(restartingProblem(voters(text), name)).toBe(problem)
  })
})

describe('what a loss would do', () => {
  test.each([
    ['cp1', 'quorum 1 of 1: no member may fail'],
    ['cp1 cp2', 'quorum 2 of 2: no member may fail without losing the quorum'],
    ['cp1 cp2 cp3', 'quorum 2 of 3: one more may fail'],
    ['cp1 cp2 cp3!', 'quorum 2 of 3, 2 answer: no member may fail without losing the quorum'],
    ['cp1 cp2! cp3!', 'quorum 2 of 3, 1 answer: writes fail until 1 of cp2, cp3 recovers'],
    ['cp1 cp2 cp3 cp4 cp5', 'quorum 3 of 5: 2 more may fail'],
    ['', 'no voting member is known'],
  ])('%s', (text, sentence) => {
    expect(lossSentence(voters(text))).toBe(sentence)
  })
})
