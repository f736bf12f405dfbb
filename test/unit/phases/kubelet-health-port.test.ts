import { expect, test } from 'vitest'
import { kubeletHealthPort } from '../../../src/cluster/kubelet-unit.js'
import { contextOf, machine } from '../../support/context.js'

const portOf = (cluster: Record<string, unknown>, own: Record<string, unknown>): number | undefined => {
  const w1 = machine({ name: 'w1', roles: ['worker'], kubeletConfig: own })
  const context = contextOf([w1])
  const kubelet = { ...context.spec.kubelet, config: cluster }
  return kubeletHealthPort({ ...context, spec: { ...context.spec, kubelet } }, w1)
}

test.each([
  ['the kubelet’s default', {}, {}, 10248],
  ['the cluster’s', { healthzPort: 11000 }, {}, 11000],
  ['the machine’s own', { healthzPort: 11000 }, { healthzPort: 12000 }, 12000],
  ['none where the machine turns it off', { healthzPort: 11000 }, { healthzPort: 0 }, undefined],
])('a kubelet is waited for on %s', (_, cluster, own, expected) => {
  expect(portOf(cluster, own)).toBe(expected)
})
