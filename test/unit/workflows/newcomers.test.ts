import { expect, it } from 'vitest'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import { newcomersAtOnce } from '../../../src/workflows/newcomers.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine } from '../../support/context.js'

const restart = [{ kind: 'restart', summary: 'restart' }] as const

/** What steps of a graph interrupt when something restarts, by key. */
const interrupted = (graph: Graph): Map<string, string | undefined> =>
  new Map(graph.nodes.map(({ key, step }) => [key, step.disrupts?.(restart)]))

it('what restarts on a machine that is no node yet waits for no turn of the nodes, on a living one it does', () => {
  const machines = [
    machine({ name: 'cp1', roles: ['control-plane'], address: '10.88.0.11' }, { kubernetes: true }),
    machine({ name: 'w1', address: '10.88.0.21' }, { kubernetes: true }),
    machine({ name: 'w2', address: '10.88.0.22' }, { kubernetes: false }),
  ]
  const context = contextOf(machines, {
    planes: { leader: machines[0], joining: new Set(), halfAdded: new Set(), estranged: new Set() },
  })
  const graph = buildGraph(up.phases, context)
  const before = interrupted(graph)
  const now = interrupted(newcomersAtOnce(graph, context))
  for (const [name, kind] of [
    ['w1', 'node'],
    ['w2', undefined],
  ] as const)
    for (const step of ['service:docker.service', 'kubelet-sees-network']) {
      expect(before.get(`${name}/${step}`)).toBe('node')
      expect(now.get(`${name}/${step}`)).toBe(kind)
    }
  // what a member, an API server or a balancer interrupts is not of the machine alone
  const others = (all: typeof now): unknown[] => [...all].filter(([, kind]) => kind !== 'node' && kind)
  expect(others(now)).toEqual(others(before))
})
