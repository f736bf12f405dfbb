import { describe, expect, test } from 'vitest'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { nodeLocal } from '../../../src/balancers/node-local.js'
import type { Context } from '../../../src/cluster/context.js'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import type { Before, Joint } from '../../../src/engine/joints.js'
import { placeTransactions } from '../../../src/engine/transaction.js'
import { bridge } from '../../../src/networks/bridge/bridge.js'
import { flannel } from '../../../src/networks/flannel/flannel.js'
import { reset } from '../../../src/workflows/reset.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine } from '../../support/context.js'

/** Three control planes, a load balancer, and workers. */
function clusterOf(workers: number, over: Partial<Context>): Context {
  const of = (count: number, name: string, role: 'control-plane' | 'worker' | 'load-balancer') =>
    Array.from({ length: count }, (_, i) =>
      machine({
        name: `${name}${i}`,
        address: `10.${name.length}.${i >> 8}.${i & 255}`,
        roles: [role],
      }),
    )
  return contextOf(
    [...of(3, 'cp', 'control-plane'), ...of(1, 'lb1', 'load-balancer'), ...of(workers, 'work', 'worker')],
    over,
  )
}

/** Steps, all that anything waits for, and what transactions wait for. */
function sizeOf(graph: Graph): { steps: number; edges: number; outside: number } {
  const { nodes } = graph
  const joints = new Set<Joint>()
  let edges = 0
  const count = (of: readonly Before[]): void => {
    edges += of.length
    for (const before of of)
      if (typeof before !== 'string' && !joints.has(before)) {
        joints.add(before)
        count(before.of)
      }
  }
  for (const { after, follows } of nodes) {
    count(after)
    count(follows)
  }
  const placed = new Set(placeTransactions(graph).values())
  const outside = [...placed].reduce((sum, one) => sum + one.outside.length + one.follows.length, 0)
  return { steps: nodes.length, edges, outside }
}

describe('what a worker more adds to the graph is the same, however many there are,', () => {
  test.each([
    ['with bridge', { network: bridge }],
    ['with flannel', { network: flannel }],
    ['with a load balancer on each node', { network: bridge, balancer: nodeLocal }],
    ['with a load balancer before them', { network: bridge, balancer: haproxy }],
  ])('%s', (_, over) => {
    const [few, more, most] = [50, 100, 200].map((workers) =>
      sizeOf(buildGraph(up.phases, clusterOf(workers, over))),
    )
    if (!few || !more || !most) throw new Error('three sizes')
    expect(more.steps).toBeGreaterThan(few.steps)
    for (const what of ['steps', 'edges', 'outside'] as const)
      expect(most[what] - more[what]).toBe(2 * (more[what] - few[what]))
  })

  test('in a reset', () => {
    const [few, more, most] = [50, 100, 200].map((workers) => {
      const context = clusterOf(workers, {})
      const hosts = context.spec.hosts.map(({ name }) => name).filter((name) => name !== 'cp0')
      const drain = { timeoutMs: 1000, force: false, deleteEmptyDirData: true }
      const { phases } = reset({
        command: 'reset',
        hosts,
        packages: true,
        images: true,
        gone: false,
        drain,
        onLeft: () => {},
      })
      // every one of them is a node
      const machines = context.machines.map((one) => ({ ...one, facts: { ...one.facts, kubernetes: true } }))
      return sizeOf(buildGraph(phases, { ...context, machines }))
    })
    if (!few || !more || !most) throw new Error('three sizes')
    expect(most.steps - more.steps).toBe(2 * (more.steps - few.steps))
    expect(most.edges - more.edges).toBe(2 * (more.edges - few.edges))
  })
})

/** Counts how often an element is read. */
function counting<T>(list: readonly T[], count: () => void): readonly T[] {
  return new Proxy(list, {
    get: (target, key, receiver) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) count()
      return Reflect.get(target, key, receiver)
    },
  })
}

describe('how often phases look at a machine or host of the run is the same, however many there are,', () => {
  test.each([
    ['with bridge', { network: bridge }],
    ['with a load balancer on each node', { network: bridge, balancer: nodeLocal }],
    ['with a load balancer before them', { network: bridge, balancer: haproxy }],
  ])('%s', (_, over) => {
    const per: Record<string, number[]> = {}
    for (const workers of [50, 100]) {
      const context = clusterOf(workers, over)
      for (const phase of up.phases) {
        let looks = 0
        const count = () => {
          looks += 1
        }
        phase.steps({
          ...context,
          machines: counting(context.machines, count),
          spec: { ...context.spec, hosts: counting(context.spec.hosts, count) },
        })
        per[phase.id] = [...(per[phase.id] ?? []), looks / context.machines.length]
      }
    }
    expect(Object.entries(per).filter(([, [few = 0, more = 0]]) => more > few + 1)).toEqual([])
  })
})
