import { type Context, isNew } from '../cluster/context.js'
import type { Graph } from '../engine/graph.js'

/**
 * A machine that is no part of the cluster yet runs nothing of it: what is restarted there waits for no turn of the nodes,
 * and holds up none. Turns of etcd members, API servers and balancers stay: one that joins interrupts those that are there.
 */
export function newcomersAtOnce(graph: Graph, context: Context): Graph {
  const fresh = new Set(
    context.machines.filter((machine) => isNew(context, machine)).map(({ spec }) => spec.name),
  )
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      const { disrupts, target } = node.step
      if (!disrupts || !fresh.has(target)) return node
      const others: typeof disrupts = (changes) => {
        const kind = disrupts(changes)
        return kind === 'node' ? undefined : kind
      }
      return { ...node, step: { ...node.step, disrupts: others } }
    }),
  }
}
