import { groupBy } from '../lib/group-by.js'
import { type Graph, type Node, sorted } from './graph.js'
import { type Before, joined, overJoints } from './joints.js'

/**
 * The same steps in stages: a step begins when all of the stages before have succeeded, and what it waited for in a later
 * stage is forgotten. Within a stage the order stays. Takes time in proportion to steps, needs and stages.
 * @param stageOf a number for each step, in the order of their turns
 */
export function inStages(graph: Graph, stageOf: (node: Node) => number): Graph {
  const stages = new Map(graph.nodes.map((node) => [node.key, stageOf(node)]))
  const order = [...new Set(stages.values())].sort((a, b) => a - b)
  const nodes = groupBy(graph.nodes, ({ key }) => String(stages.get(key)))
  const before = new Map<number, readonly Before[]>()
  for (const [i, stage] of order.entries()) {
    const last = order[i - 1]
    before.set(stage, last === undefined ? [] : joined((nodes.get(String(last)) ?? []).map(({ key }) => key)))
  }
  const kept = new Map(
    order.map((stage) => [
      stage,
      overJoints<readonly Before[]>(
        (key) => ((stages.get(key) ?? stage) <= stage ? [key] : []),
        (of) => joined(of.flat()),
      ),
    ]),
  )
  return {
    phases: graph.phases,
    nodes: sorted(
      graph.nodes.map((node) => {
        const stage = stages.get(node.key) ?? 0
        const keep = kept.get(stage) ?? ((one: Before) => [one])
        return {
          ...node,
          after: [...node.after.flatMap(keep), ...(before.get(stage) ?? [])],
          follows: node.follows.flatMap(keep),
        }
      }),
    ),
  }
}
