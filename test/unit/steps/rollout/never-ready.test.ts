import { expect, test } from 'vitest'
import { wasNeverReady } from '../../../../src/steps/rollout/cordon.js'

const node = (status: string, lastTransitionTime?: string) => ({
  metadata: { name: 'w1', creationTimestamp: '2026-11-29T12:00:00Z' },
  status: { conditions: [{ type: 'Ready', status, ...(lastTransitionTime ? { lastTransitionTime } : {}) }] },
})

test.each<[string, ReturnType<typeof node>, boolean]>([
  ['that is Ready', node('True', '2026-11-29T12:00:01Z'), false],
  ['without a Pod network yet', node('False', '2026-11-29T12:00:00Z'), true],
  ['whose clock is a little behind', node('False', '2026-11-29T11:59:57Z'), true],
  ['that was Ready and is not now', node('False', '2026-11-29T12:09:00Z'), false],
  ['that is no longer heard', node('Unknown', '2026-11-29T12:05:00Z'), false],
  ['that does not say since when', node('False'), false],
])('a Node %s: never Ready %s', (_, one, never) => expect(wasNeverReady(one)).toBe(never))
