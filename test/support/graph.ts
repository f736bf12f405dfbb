import type { Graph } from '../../src/engine/graph.js'
import { keysBehind } from '../../src/engine/joints.js'

/** Keys of the steps that must have succeeded right before a step. */
export function justBefore(graph: Graph, key: string): string[] {
  const node = graph.nodes.find((one) => one.key === key)
  if (!node) throw new Error(`no step ${key}`)
  return keysBehind(node.after)
}

/** Keys of all that must be done before a step. */
export function earlier(graph: Graph, key: string): Set<string> {
  const seen = new Set<string>()
  const visit = (one: string): void => {
    for (const other of justBefore(graph, one))
      if (!seen.has(other)) {
        seen.add(other)
        visit(other)
      }
  }
  visit(key)
  return seen
}
