import { type Graph, type Node, sorted } from './graph.js'
import { type Before, joined, onlyOf } from './joints.js'

/**
 * The same steps in stages: a step begins when all of the stages before have succeeded, and what it waited for in a later
 * stage is forgotten. Within a stage the order stays. Takes time in proportion to steps and needs, for each stage.
 * @param stageOf a number for each step, in the order of their turns
 */
export function inStages(graph: Graph, stageOf: (node: Node) => number): Graph {
  const stages = new Map(graph.nodes.map((node) => [node.key, stageOf(node)]))
  const order = [...new Set(stages.values())].sort((a, b) => a - b)
  let before: readonly Before[] = []
  const nodes = order.flatMap((stage) => {
    const own = graph.nodes.filter(({ key }) => stages.get(key) === stage)
    const keep = onlyOf((key) => (stages.get(key) ?? stage) <= stage)
    const placed = own.map((node) => ({
      ...node,
      after: [...node.after.flatMap(keep), ...before],
      follows: node.follows.flatMap(keep),
    }))
    before = joined(own.map(({ key }) => key))
    return placed
  })
  return { phases: graph.phases, nodes: sorted(nodes) }
}
