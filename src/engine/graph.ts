import { type Before, type Joint, joined, onlyOf } from './joints.js'
import type { Phase } from './phase.js'
import { type Need, stepKey } from './step.js'
import { type Placed, StepIndex } from './step-index.js'

/** A step in its place: what it waits for. */
export interface Node extends Placed {
  /** What must have succeeded before. */
  after: readonly Before[]
  /** What must have ended before, of which one at least must have succeeded. */
  follows: readonly Before[]
}

export interface Graph {
  phases: readonly { id: string; title: string }[]
  /** In topological order: every node comes after those it waits for. */
  nodes: readonly Node[]
}

/**
 * Turns phases into a graph of steps, in time and size that grow as the steps do. Throws on a duplicate key, a need
 * that names nothing and a cycle: each is a bug in a phase, not bad input.
 */
export function buildGraph<Context>(phases: readonly Phase<Context>[], context: Context): Graph {
  const placed = phases.map((phase) =>
    phase.steps(context).map((step): Placed => ({ key: stepKey(step), phase: phase.id, step })),
  )
  const index = new StepIndex(
    phases.map(({ id }) => id),
    placed.flat(),
  )
  /** All of the phases so far, by target. */
  const earlier = new Map<string, readonly Before[]>()
  const nodes = placed.flatMap((ofPhase) => {
    const own = ofPhase.map((one): Node => {
      const resolved = (needs: readonly Need[]): Before[] => [
        ...new Set(needs.flatMap((need) => index.resolve(need, one))),
      ]
      const { needs, follows = [], target } = one.step
      return {
        ...one,
        after: needs ? resolved(needs) : (earlier.get(target) ?? []),
        follows: resolved(follows),
      }
    })
    const targets = new Map(ofPhase.map(({ phase, step }) => [step.target, phase]))
    for (const [target, phase] of targets)
      earlier.set(target, joined([...(earlier.get(target) ?? []), ...index.ofPhase(phase, target)]))
    return own
  })
  return { phases: phases.map(({ id, title }) => ({ id, title })), nodes: sorted(nodes) }
}

/** The graph reduced to the steps to keep; what they waited for outside is forgotten. */
export function restrict(graph: Graph, keep: (node: Node) => boolean): Graph {
  const kept = graph.nodes.filter(keep)
  const keys = new Set(kept.map((node) => node.key))
  const phases = new Set(kept.map((node) => node.phase))
  const keptOf = onlyOf((key) => keys.has(key))
  return {
    phases: graph.phases.filter(({ id }) => phases.has(id)),
    nodes: kept.map((node) => ({
      ...node,
      after: node.after.flatMap(keptOf),
      follows: node.follows.flatMap(keptOf),
    })),
  }
}

/** In topological order. Throws on a cycle. */
export function sorted(nodes: readonly Node[]): Node[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const done = new Set<Node | Joint>()
  /** What is being visited, and how many steps were when its turn came. */
  const open = new Map<Node | Joint, number>()
  const path: string[] = []
  const inOrder: Node[] = []
  const visit = (one: Node | Joint): void => {
    if (done.has(one)) return
    const since = open.get(one)
    if (since !== undefined)
      throw new Error(`steps depend on each other: ${[...path, path[since]].join(' → ')}`)
    open.set(one, path.length)
    if ('key' in one) path.push(one.key)
    for (const before of 'key' in one ? [...one.after, ...one.follows] : one.of) {
      const other = typeof before === 'string' ? byKey.get(before) : before
      if (other) visit(other)
    }
    if ('key' in one) {
      path.pop()
      inOrder.push(one)
    }
    open.delete(one)
    done.add(one)
  }
  for (const node of nodes) visit(node)
  return inOrder
}
