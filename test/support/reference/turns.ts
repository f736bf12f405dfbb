import type { Graph } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import { groupBy } from '../../../src/lib/group-by.js'

/** Phases of one target, or of several that have the same, which can start at the same time. */
export interface Turn {
  targets: readonly string[]
  /** How many others must end before, one after the other. */
  rank: number
  phases: readonly string[]
  /** The turns that it waits for, without those that these wait for themselves. */
  after: readonly Turn[]
}

/** A phase on a target. */
interface Part {
  target: string
  phase: string
  after: ReadonlySet<string>
}

/** A graph of steps as turns: each phase of a target in the earliest turn in which it can start. */
export function turnsOf(graph: Graph): Turn[] {
  const parts = partsOf(graph)
  const ranks = new Map<string, number>()
  const rankOf = (id: string, open: readonly string[] = []): number => {
    if (open.includes(id)) throw new Error(`phases wait for each other: ${[...open, id].join(' → ')}`)
    const known = ranks.get(id)
    if (known !== undefined) return known
    const before = [...(parts.get(id)?.after ?? [])].map((other) => rankOf(other, [...open, id]))
    const rank = Math.max(-1, ...before) + 1
    ranks.set(id, rank)
    return rank
  }
  const lanes = lanesOf([...parts.values()])
  const laneOf = (target: string): readonly string[] =>
    lanes.find((lane) => lane.includes(target)) ?? [target]
  const idOf = ({ target, phase }: Part): string => `${target}/${phase}`
  const turnId = (part: Part): string => `${rankOf(idOf(part))} ${laneOf(part.target)[0]}`
  const all = [...parts.values()].sort((a, b) => rankOf(idOf(a)) - rankOf(idOf(b)))
  const turns = new Map<string, Turn>()
  for (const [id, of] of groupBy(all, turnId)) {
    const before = of.flatMap(({ after }) => [...after].flatMap((one) => parts.get(one) ?? []).map(turnId))
    const [first] = of
    if (first)
      turns.set(id, {
        targets: laneOf(first.target),
        rank: rankOf(idOf(first)),
        phases: [...new Set(of.map(({ phase }) => phase))],
        after: nearest(new Set(before.flatMap((one) => turns.get(one) ?? []))),
      })
  }
  return [...turns.values()]
}

/** The phases of each target, and what they wait for. */
function partsOf({ nodes }: Graph): Map<string, Part> {
  const idOf = new Map(nodes.map(({ key, phase, step }) => [key, `${step.target}/${phase}`]))
  const byPart = groupBy(nodes, ({ key }) => idOf.get(key) ?? [])
  return new Map(
    [...byPart].map(([id, of]) => {
      const before = of.flatMap(({ after, follows }) => keysBehind([...after, ...follows]))
      const after = new Set(before.flatMap((key) => idOf.get(key) ?? []))
      after.delete(id)
      return [id, { target: of[0]?.step.target ?? '', phase: of[0]?.phase ?? '', after }]
    }),
  )
}

/** Targets that have the same phases together, in the order of the graph. */
function lanesOf(parts: readonly Part[]): string[][] {
  const alike = (target: string): string =>
    parts
      .filter((part) => part.target === target)
      .map(({ phase }) => phase)
      .join(' ')
  return [...groupBy([...new Set(parts.map((part) => part.target))], alike).values()]
}

/** Those of some turns that no other of them waits for. */
function nearest(turns: ReadonlySet<Turn>): Turn[] {
  const further = new Set<Turn>()
  const visit = (turn: Turn): void =>
    turn.after.forEach((one) => {
      if (further.has(one)) return
      further.add(one)
      visit(one)
    })
  turns.forEach(visit)
  return [...turns].filter((one) => !further.has(one))
}
