import type { Graph, Node } from './graph.js'
import type { ApplyContext, Disruption } from './step.js'

/**
 * Steps of one target that are entered and left as one: what they take away from the cluster is taken away once, from
 * the first change that interrupts anything until the last of them has ended.
 */
export interface Transaction {
  /** Unique in a run: "w1/node". */
  id: string
  /** The gates that are held meanwhile. */
  holds: readonly Disruption[]
  /**
   * Asked before the gates are taken: what of it the target does not give to the cluster now. That cannot be taken away,
   * so its gates are not taken: what repairs it does not wait for those that work.
   */
  absent?(context: ApplyContext): Promise<readonly Disruption[]>
  /**
   * Asked when the gates are taken and before anything is interrupted: whether the cluster can spare it.
   * Throws when it cannot, with what is wrong.
   */
  guard?(context: ApplyContext, absent: readonly Disruption[]): Promise<void>
  /** Moves away what runs there, before the first change that ends it; once in a run. A step with `leaves` takes it back. */
  vacate?(context: ApplyContext): Promise<void>
}

/** A transaction in its place. */
export interface Placed {
  transaction: Transaction
  /** Keys of its steps, and of those of its target that lie between them. */
  inside: ReadonlySet<string>
  /** Keys of what must have succeeded before it is entered: all that its steps wait for outside. */
  outside: readonly string[]
}

/**
 * The transactions of a graph, by the keys of what is inside. Takes time in proportion to steps and needs.
 * Throws on steps of one transaction on two targets, and on transactions that wait for each other: each is a bug.
 */
export function placeTransactions({ nodes }: Graph): ReadonlyMap<string, Placed> {
  const members = new Map<Transaction, Node[]>()
  const ids = new Map<string, Transaction>()
  for (const node of nodes) {
    const { within } = node.step
    if (within === undefined) continue
    if ((ids.get(within.id) ?? within) !== within)
      throw new Error(`two transactions have the id ${within.id}`)
    ids.set(within.id, within)
    const own = members.get(within)
    if (own) own.push(node)
    else members.set(within, [node])
  }
  if (members.size === 0) return new Map()
  const targets = new Map<string, Node[]>()
  for (const node of nodes) {
    const own = targets.get(node.step.target)
    if (own) own.push(node)
    else targets.set(node.step.target, [node])
  }
  const placed = [...members].map(([transaction, own]) => {
    const [first] = own
    if (own.some(({ step }) => step.target !== first?.step.target))
      throw new Error(`the steps of ${transaction.id} are on several targets`)
    const nodesInside = between(own, targets.get(first?.step.target ?? '') ?? [])
    const inside = new Set(nodesInside.map(({ key }) => key))
    const outside = new Set(nodesInside.flatMap(({ after }) => after.filter((key) => !inside.has(key))))
    return { transaction, inside, outside: [...outside] }
  })
  refuseCircles(nodes, placed)
  return new Map(placed.flatMap((one) => [...one.inside].map((key) => [key, one] as const)))
}

/** Some nodes and what lies between them, of those given in topological order. */
function between(some: readonly Node[], all: readonly Node[]): Node[] {
  const behind = new Set(some.map(({ key }) => key))
  for (const { key, after } of all) if (after.some((other) => behind.has(other))) behind.add(key)
  const before = new Set(some.map(({ key }) => key))
  for (const { key, after } of [...all].reverse())
    if (before.has(key)) for (const other of after) before.add(other)
  return all.filter(({ key }) => behind.has(key) && before.has(key))
}

/** A transaction waits for all that its steps wait for; two of them, or one and a step between, must not do so for each other. */
function refuseCircles(nodes: readonly Node[], placed: readonly Placed[]): void {
  const nameOf = new Map<string, string>()
  for (const { transaction, inside } of placed) {
    for (const key of inside) {
      const other = nameOf.get(key)
      if (other !== undefined) throw new Error(`${key} lies in ${other} and in ${transaction.id}`)
      nameOf.set(key, transaction.id)
    }
  }
  const name = (key: string): string => nameOf.get(key) ?? key
  const needs = new Map<string, Set<string>>()
  for (const { key, after } of nodes) {
    const own = needs.get(name(key)) ?? new Set()
    for (const other of after) if (name(other) !== name(key)) own.add(name(other))
    needs.set(name(key), own)
  }
  // Kahn's algorithm: what is never free lies in a circle, or behind one
  const waiters = new Map<string, string[]>()
  for (const [one, others] of needs)
    for (const other of others) {
      const own = waiters.get(other)
      if (own) own.push(one)
      else waiters.set(other, [one])
    }
  const left = new Map([...needs].map(([one, others]) => [one, others.size]))
  const free = [...left].filter(([, count]) => count === 0).map(([one]) => one)
  for (let one = free.pop(); one !== undefined; one = free.pop()) {
    left.delete(one)
    for (const waiter of waiters.get(one) ?? []) {
      const count = (left.get(waiter) ?? 0) - 1
      left.set(waiter, count)
      if (count === 0) free.push(waiter)
    }
  }
  const circle = placed.map(({ transaction }) => transaction.id).filter((id) => left.has(id))
  if (circle.length > 0)
    throw new Error(`transactions wait for each other: ${circle.join(', ')}; ${[...left.keys()].join(', ')}`)
}
