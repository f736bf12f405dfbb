import { describe, expect, it } from 'vitest'
import { Late } from '../../../src/engine/late.js'
import { nodes } from '../../../src/phases/nodes.js'
import { lookAt } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'

const plane = machine({ name: 'cp1', address: '10.0.0.11', roles: ['control-plane'] })
const worker = machine({ name: 'w1', address: '10.0.0.12', roles: ['worker'] })

/** The steps that know each node's podCIDR, in a cluster whose API has these. */
function registered(podCidrs: Readonly<Record<string, string>>) {
  let asked = 0
  const items = Object.entries(podCidrs).map(([name, podCIDR], i) => ({
    metadata: { name, creationTimestamp: `2026-01-0${i + 1}T00:00:00Z` },
    spec: { podCIDR },
  }))
  const kube = {
    list: async () => {
      asked += 1
      return items
    },
  }
  const late = new Map(['cp1', 'w1'].map((name) => [name, new Late<string>(name)]))
  const context = contextOf([plane, worker], {
    podCidrs: late,
    kube: Object.assign(async () => kube as never, { renew: () => {} }),
  })
  const steps = nodes.steps(context).filter(({ id }) => id.startsWith('node:'))
  return { steps, late, asked: () => asked }
}

describe('the step that awaits a Node', () => {
  it('tells its podCIDR, and all steps ask for the Nodes together', async () => {
    const { steps, late, asked } = registered({ cp1: '10.244.0.0/24', w1: '10.244.1.0/24' })
    await Promise.all(steps.map(lookAt))
    expect(late.get('w1')?.get()).toBe('10.244.1.0/24')
    expect(asked()).toBe(1)
  })

  it.each([
    ['0.0.0.0/0', /does not lie in networking.podSubnet/],
    ['10.0.0.11/32', /does not lie in networking.podSubnet/],
    ['10.244.0.0/24', /overlaps 10.244.0.0\/24 of node cp1/],
  ])('refuses %s that a worker gave itself, and tells nobody of it', async (podCidr, why) => {
    const { steps, late } = registered({ cp1: '10.244.0.0/24', w1: podCidr })
    const [first, second] = await Promise.allSettled(steps.map(lookAt))
    expect(first?.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'step', host: 'w1' } })
    expect(second?.status === 'rejected' && second.reason.why).toMatch(why)
    expect(late.get('w1')?.known).toBe(false)
    expect(late.get('cp1')?.known).toBe(true)
  })
})
