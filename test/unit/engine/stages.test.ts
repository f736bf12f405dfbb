import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import { inStages } from '../../../src/engine/stages.js'
import type { Need } from '../../../src/engine/step.js'
import { memoryStep, phaseOf } from './memory-step.js'

const step = (key: string, needs?: readonly Need[]) => memoryStep([], key, needs ? { needs } : {})

const graph = buildGraph(
  [
    phaseOf('files', step('a/one'), step('b/one')),
    phaseOf('start', step('a/up'), step('b/up')),
    phaseOf('last', step('a/last'), step('b/last', ['*/@start', 'a/last'])),
  ],
  undefined,
)

describe('a graph in stages', () => {
  it('lets a step wait for all of the stage before, and forgets what comes later', () => {
    const stages: Readonly<Record<string, number>> = { 'a/up': 1, 'b/up': 2, 'a/one': 5, 'a/last': 5 }
    const { nodes } = inStages(graph, ({ key }) => stages[key] ?? 5)
    expect(Object.fromEntries(nodes.map((node) => [node.key, keysBehind(node.after).sort()]))).toEqual({
      'a/up': [],
      'b/up': ['a/up'],
      'a/one': ['b/up'],
      'b/one': ['b/up'],
      'a/last': ['a/one', 'a/up', 'b/up'],
      'b/last': ['a/last', 'a/up', 'b/up'],
    })
    const order = nodes.map(({ key }) => key)
    expect(order.indexOf('a/up')).toBeLessThan(order.indexOf('b/up'))
    expect(order.indexOf('b/up')).toBeLessThan(order.indexOf('a/one'))
  })

  it('is the same graph where all are of one stage', () => {
    const { nodes } = inStages(graph, () => 0)
    expect(nodes.map((node) => [node.key, keysBehind(node.after).sort()])).toEqual(
      graph.nodes.map((node) => [node.key, keysBehind(node.after).sort()]),
    )
  })
})
