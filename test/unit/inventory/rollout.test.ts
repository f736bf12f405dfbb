import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rolloutOf, rolloutProblems } from '../../../src/inventory/rollout.js'
import type { Inventory } from '../../../src/inventory/schema/schema.js'

const told = (rollout: unknown): string[] =>
  rolloutProblems({ rollout } as Inventory).map(({ path, what }) => `${path.join('.')}: ${what}`)
const width = (maxUnavailable: number | string, nodes: number): number =>
  rolloutOf({ rollout: { maxUnavailable } }, nodes).maxUnavailable

describe('rollout', () => {
  it('takes a number, or a percentage of the nodes, rounded down but at least one', () => {
    expect(width(3, 5)).toBe(3)
    expect(width('50%', 5)).toBe(2)
    expect(width('100%', 5)).toBe(5)
    expect(width('10%', 5)).toBe(1)
    expect(rolloutOf({}, 9)).toEqual({
      maxUnavailable: 1,
      minReadyMs: 0,
      maxFailed: 0,
      drain: { timeoutMs: 300_000, deleteEmptyDirData: true, force: false },
    })
  })

  it('refuses what is neither', () => {
    for (const maxUnavailable of [0, -1, '0%', '101%', '3', '', 'all', '50 %'])
      expect(told({ maxUnavailable })).toEqual([
        `rollout.maxUnavailable: "${maxUnavailable}" is neither a number of nodes nor a percentage`,
      ])
    for (const timeout of ['0s', '5', 'soon', '48h'])
      expect(told({ drain: { timeout } })).toEqual([
        `rollout.drain.timeout: "${timeout}" is not a duration from 1s to 24h`,
      ])
    expect(told({ maxUnavailable: '25%', drain: { timeout: '90s' } })).toEqual([])
  })

  it('never leaves a cluster without a width', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string()), fc.nat(1000), (maxUnavailable, nodes) => {
        fc.pre(told({ maxUnavailable }).length === 0)
        const found = width(maxUnavailable, nodes)
        expect(Number.isInteger(found) && found >= 1).toBe(true)
      }),
    )
  })
})
