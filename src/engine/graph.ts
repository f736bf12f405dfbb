import { type Before, insteadOf, type Joint, joined } from './joints.js'
import type { Phase } from './phase.js'
import { type Need, type Step, stepKey } from './step.js'
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

/**
 * The graph reduced to the steps to keep, in the order they had: what waited for one that is dropped waits for what that one
 * waited for. Of a transaction that a kept step may enter, what leaves it and what waits for its end is kept too, or what was
 * entered would never be left.
 */
export function restrict(graph: Graph, keep: (node: Node) => boolean): Graph {
  const wanted = new Set(graph.nodes.filter(keep))
  const entered = new Set(Array.from(wanted, ({ step }) => step.within))
  const ends = ({ within, leaves, waits }: Step): boolean =>
    within !== undefined && entered.has(within) && (leaves === true || waits === true)
  const kept = graph.nodes.filter((node) => wanted.has(node) || ends(node.step))
  const keys = new Set(kept.map((node) => node.key))
  const phases = new Set(kept.map((node) => node.phase))
  /** What those that wait for a dropped step wait for instead. */
  const instead = new Map<string, Pick<Node, 'after' | 'follows'>>()
  const dropped = (key: string) => instead.get(key) ?? { after: [], follows: [] }
  const succeeded = insteadOf((key) => (keys.has(key) ? [key] : dropped(key).after))
  const followed = insteadOf((key) => (keys.has(key) ? [] : dropped(key).follows))
  const ended = insteadOf((key) => (keys.has(key) ? [key] : [...dropped(key).after, ...dropped(key).follows]))
  const waitsOf = ({ after, follows }: Node): Pick<Node, 'after' | 'follows'> => ({
    after: [...new Set(after.flatMap(succeeded))],
    follows: [...new Set([...after.flatMap(followed), ...follows.flatMap(ended)])],
  })
  // in topological order: what is behind a dropped step is known when its turn comes
  for (const node of graph.nodes) {
    if (keys.has(node.key)) continue
    const { after, follows } = waitsOf(node)
    instead.set(node.key, { after: joined(after), follows: joined(follows) })
  }
  return {
    phases: graph.phases.filter(({ id }) => phases.has(id)),
    nodes: kept.map((node) => ({ ...node, ...waitsOf(node) })),
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
