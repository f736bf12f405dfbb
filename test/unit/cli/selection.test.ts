import { describe, expect, test } from 'vitest'
import { concerns } from '../../../src/cli/selection.js'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Plan } from '../../../src/engine/plan.js'
import { clusterTarget } from '../../../src/engine/step.js'
import { nodeKey } from '../../../src/phases/nodes.js'
import { memoryStep, phaseOf } from '../engine/memory-step.js'

const w1 = memoryStep([], 'w1/file')
const w2 = memoryStep([], 'w2/file')
const node2 = memoryStep([], `${clusterTarget}/any name`, { node: 'w2' })
const whole = memoryStep([], `${clusterTarget}/object`)
const route = memoryStep([], 'w1/way', { nodes: ['w1', 'w2'] })
const graph = buildGraph([phaseOf('p', w1, w2, node2, whole, route)], undefined)

/** Keys of what is kept. */
const kept = (chosen: string[], nodes: string[], cluster = false): string[] => {
  const plan: Plan = new Map(nodes.map((name) => [nodeKey(name), { kind: 'converged' }]))
  return graph.nodes.filter((node) => concerns(node, new Set(chosen), plan, cluster)).map(({ key }) => key)
}

describe('with --limit', () => {
  test('a host has its own steps and its Node, whatever the steps are called', () => {
    expect(kept(['w1'], [])).toEqual(['w1/file'])
    expect(kept(['w2'], [])).toEqual(['w2/file', `${clusterTarget}/any name`])
  })

  test('a route is made between two that are nodes or become one now, from either side', () => {
    expect(kept(['w1'], ['w2'])).toContain('w1/way')
    expect(kept(['w2'], ['w1'])).toContain('w1/way')
    expect(kept(['w1', 'w2'], [])).toContain('w1/way')
    expect(kept(['w1'], [])).not.toContain('w1/way')
    expect(kept([], ['w1', 'w2'])).not.toContain('w1/way')
  })

  test("what is the whole cluster's goes with a control plane alone", () => {
    expect(kept(['w1'], [], true)).toContain(`${clusterTarget}/object`)
    expect(kept(['w1'], [], false)).not.toContain(`${clusterTarget}/object`)
  })
})
