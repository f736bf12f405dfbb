import { describe, expect, it } from 'vitest'
import { heardSince } from '../../../../src/steps/rollout/heard-since.js'

const node = (said: string) => ({
  status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: said }] },
})
const at = (seconds: number): number => Date.parse('2026-11-29T20:00:00Z') / 1000 + seconds
const heard = (said: string, started: number, now: number) =>
  heardSince(node(said), { now: at(now), started: at(started) })

describe('what a Node says of being Ready', () => {
  it.each([
    ['before the kubelet started', '2026-11-29T19:59:59Z', 0, 60, false],
    ['after it started', '2026-11-29T20:00:01Z', 0, 1, true],
    // of the kubelet before it, for all that can be told; its own first status would have come by then
    ['in the second of its start', '2026-11-29T20:00:00Z', 0, 4, false],
    ['in the second of its start, some time ago', '2026-11-29T20:00:00Z', 0, 5, true],
    ['never', '', 0, 60, false],
    ['by a clock that was set back since', '2026-11-29T19:00:00Z', 100, 60, true],
  ])('%s', (_, said, started, now, expected) => {
    expect(heard(said, started, now)).toBe(expected)
  })
})
