import { expect, test } from 'vitest'
import { takesPod } from '../../../../src/steps/rollout/cordon.js'

const node = (taint: Record<string, string>) => ({
  metadata: { name: 'w1' },
  spec: { taints: [taint] },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
})
const dedicated = { key: 'dedicated', value: 'db', effect: 'NoSchedule' }

// the cases of Toleration.ToleratesTaint (k8s.io/api/core/v1, toleration_test.go)
test.each<[string, Record<string, string>, Record<string, string>, boolean]>([
  ['no effect: all effects', { key: 'dedicated', value: 'db' }, dedicated, true],
  ['another effect', { key: 'dedicated', value: 'db', effect: 'NoExecute' }, dedicated, false],
  ['no key, Exists: all taints', { operator: 'Exists' }, dedicated, true],
  ['no key, Equal', { value: 'db' }, dedicated, false],
  ['another key', { key: 'other', operator: 'Exists' }, dedicated, false],
  ['another value', { key: 'dedicated', operator: 'Equal', value: 'web' }, dedicated, false],
  ['Exists looks at no value', { key: 'dedicated', operator: 'Exists' }, dedicated, true],
  ['a comparison of numbers', { key: 'dedicated', operator: 'Gt', value: 'db' }, dedicated, false],
  [
    'PreferNoSchedule keeps nobody away',
    { key: 'other' },
    { ...dedicated, effect: 'PreferNoSchedule' },
    true,
  ],
])('a toleration: %s', (_, toleration, taint, takes) => {
  expect(takesPod(node(taint), [toleration])).toBe(takes)
})
