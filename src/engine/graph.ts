import type { Phase } from './phase.js'
import { type Need, type Step, stepKey } from './step.js'

/** A step in its place: what it waits for, by key. */
export interface Node {
  key: string
  step: Step
  phase: string
  /** Keys of the steps that must have succeeded before. */
  after: readonly string[]
}

export interface Graph {
  phases: readonly { id: string; title: string }[]
  /** In topological order: every node comes after those it waits for. */
  nodes: readonly Node[]
}

/**
 * Turns phases into a graph of steps. Throws on a duplicate key, a need that names nothing and a
 * cycle: each is a bug in a phase, not bad input.
 */
export function buildGraph<Context>(phases: readonly Phase<Context>[], context: Context): Graph {
  const placed = phases.flatMap((phase, index) =>
    phase.steps(context).map((step) => ({ step, index, phase: phase.id, key: stepKey(step) })),
  )
  const keys = new Set<string>()
  for (const { key } of placed) {
    if (keys.has(key)) throw new Error(`two steps have the key ${key}`)
    keys.add(key)
  }
  const phaseIds = new Set(phases.map((phase) => phase.id))
  const resolve = (need: Need): string[] => {
    const slash = need.indexOf('/')
    const target = need.slice(0, slash)
    const what = need.slice(slash + 1)
    if (what.startsWith('@')) {
      if (!phaseIds.has(what.slice(1))) throw new Error(`no phase for need ${need}`)
      return placed
        .filter((p) => p.phase === what.slice(1) && (target === '*' || p.step.target === target))
        .map((p) => p.key)
    }
    const found = placed.filter((p) => p.step.id === what && (target === '*' || p.step.target === target))
    if (found.length === 0 && target !== '*') throw new Error(`no step for need ${need}`)
    return found.map((p) => p.key)
  }
  const nodes = placed.map(({ step, index, phase, key }): Node => {
    const after = step.needs
      ? step.needs.flatMap(resolve).filter((other) => other !== key)
      : placed.filter((p) => p.index < index && p.step.target === step.target).map((p) => p.key)
    return { key, step, phase, after: [...new Set(after)] }
  })
  return { phases: phases.map(({ id, title }) => ({ id, title })), nodes: sort(nodes) }
}

/** The graph reduced to the steps to keep; what they waited for outside is forgotten. */
export function restrict(graph: Graph, keep: (node: Node) => boolean): Graph {
  const kept = graph.nodes.filter(keep)
  const keys = new Set(kept.map((node) => node.key))
  return {
    phases: graph.phases.filter(({ id }) => kept.some((node) => node.phase === id)),
    nodes: kept.map((node) => ({ ...node, after: node.after.filter((key) => keys.has(key)) })),
  }
}

function sort(nodes: readonly Node[]): Node[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const done = new Set<string>()
  const sorted: Node[] = []
  const visit = (node: Node, path: readonly string[]): void => {
    if (done.has(node.key)) return
    if (path.includes(node.key))
      throw new Error(`steps depend on each other: ${[...path, node.key].join(' → ')}`)
    for (const key of node.after) {
      const other = byKey.get(key)
      if (other) visit(other, [...path, node.key])
    }
    done.add(node.key)
    sorted.push(node)
  }
  for (const node of nodes) visit(node, [])
  return sorted
}
