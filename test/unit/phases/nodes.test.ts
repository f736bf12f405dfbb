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
  const list = async () => {
    asked += 1
    return items
  }
  const kube = { list, watched: list }
  const late = new Map(['cp1', 'w1'].map((name) => [name, new Late<string>(name)]))
  const context = contextOf([plane, worker], {
    podCidrs: late,
    kube: Object.assign(async () => kube as never, { renew: () => {} }),
  })
  const steps = nodes.steps(context).filter(({ id }) => id.startsWith('node:'))
  return { steps, late, asked: () => asked }
}

describe('what the API is asked, of however many nodes,', () => {
  /** All steps of the phase on so many workers, whose clock stands still until it is moved. */
  function many(workers: number) {
    const asked: string[] = []
    let ms = 0
    const list = async () => {
      asked.push('list')
      return []
    }
    const kube = {
      list,
      watched: list,
      get: async () => {
        asked.push('get')
        return undefined
      },
    }
    const machines = Array.from({ length: workers }, (_, i) =>
      machine({ name: `w${i}`, address: `10.0.${i >> 8}.${i & 255}`, roles: ['worker'] }),
    )
    const context = contextOf([plane, ...machines], {
      kube: Object.assign(async () => kube as never, { renew: () => {} }),
      now: () => new Date(ms),
    })
    const pass = (by: number) => {
      ms += by
    }
    return { steps: nodes.steps(context), asked, pass }
  }

  it.each([3, 50, 200])('of %s for a plan, is one list', async (count) => {
    const { steps, asked } = many(count)
    await Promise.all(steps.map((step) => step.probe({ planning: true, applied: false })))
    expect(asked).toEqual(['list'])
  })

  it.each([
    [3, 10],
    [200, 2],
  ])('of %s that are waited for, each looking every 200 ms for 2 s, is %s lists', async (count, lists) => {
    const { steps, asked, pass } = many(count)
    const waiting = steps.filter(({ waits }) => waits)
    expect(waiting).toHaveLength(count + 1)
    for (let turn = 0; turn < 10; turn += 1) {
      for (const step of waiting) await step.probe()
      await new Promise((resolve) => setImmediate(resolve))
      pass(200)
    }
    expect(asked).toEqual(Array(lists).fill('list'))
  })
})

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
