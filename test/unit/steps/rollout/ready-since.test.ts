import { describe, expect, it } from 'vitest'
import { readyTooShort } from '../../../../src/steps/rollout/ready-since.js'

const at = (seconds: number): number => Date.parse('2026-11-29T20:00:00Z') / 1000 + seconds

/** What is missing where kubelet and runtime run since `started`, and the Node is Ready since `said`, 100 s after eight. */
function missing(minReadyMs: number, started: readonly number[], said: number) {
  const lastTransitionTime = new Date(at(said) * 1000).toISOString()
  const node = { status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] } }
  return readyTooShort(minReadyMs, 'w1', node, { now: at(100), started: started.map(at) })
}

describe('rollout.minReadySeconds', () => {
  it('counts from the start of kubelet and runtime or from what the Node said last, whichever is later', () => {
    expect(missing(30_000, [60, 10], 70)).toBeUndefined()
    expect(missing(30_000, [60, 10], 80)).toBe('node w1 is Ready for 10 s more (rollout.minReadySeconds)')
    // Ready all along for the API, which missed a short restart
    expect(missing(30_000, [90, 10], 10)).toContain('20 s more')
    expect(missing(30_000, [10, 95], 10)).toContain('25 s more')
  })

  it('is over at once where it is 0', () => {
    expect(missing(0, [100, 100], 100)).toBeUndefined()
  })
})
