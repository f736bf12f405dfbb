import { expect, test } from 'vitest'
import { at } from '../../../src/kubernetes/read.js'
import { job, lookup } from '../../../src/verify/workload.js'

const term = [
  'requiredDuringSchedulingIgnoredDuringExecution',
  'nodeSelectorTerms',
  0,
  'matchFields',
] as const
const avoided = (spec: unknown): unknown => at(spec, 'affinity', 'nodeAffinity', ...term)
const wish = { name: 'host-names', dnsPolicy: 'Default', asks: 'echo' } as const

test('Pods that tolerate every taint and choose no node keep away from nodes that are down', () => {
  const fields = [
    { key: 'metadata.name', operator: 'NotIn', values: ['w1'] },
    { key: 'metadata.name', operator: 'NotIn', values: ['w2'] },
  ]
  const away = ['w1', 'w2']
  expect(avoided(at(lookup('ns', 'image', { ...wish, away }), 'spec'))).toEqual(fields)
  expect(avoided(at(job('ns', 'image', away), 'spec', 'template', 'spec'))).toEqual(fields)
})

test('where none is down, or the node is chosen, nothing is asked of the scheduler', () => {
  expect(at(lookup('ns', 'image', { ...wish, away: [] }), 'spec', 'affinity')).toBeUndefined()
  const chosen = lookup('ns', 'image', { ...wish, away: ['w1'], nodeName: 'w2' })
  expect([at(chosen, 'spec', 'nodeName'), at(chosen, 'spec', 'affinity')]).toEqual(['w2', undefined])
  expect(at(job('ns', 'image'), 'spec', 'template', 'spec', 'affinity')).toBeUndefined()
})
