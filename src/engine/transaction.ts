import { groupBy } from '../lib/group-by.js'
import type { Graph, Node } from './graph.js'
import { type Before, type Joint, keysBehind, overJoints } from './joints.js'
import type { ApplyContext, Disruption } from './step.js'
import { inTurns, type Waits } from './turns.js'

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
   * @param meanwhile gives back what is held while it waits for others, which may need the turn to come back, and takes it again
   */
  guard?(
    context: ApplyContext,
    absent: readonly Disruption[],
    meanwhile: (wait: () => Promise<void>) => Promise<void>,
  ): Promise<void>
  /** Moves away what runs there, before the first change that ends it; once in a run. A step with `leaves` takes it back. */
  vacate?(context: ApplyContext): Promise<void>
}

/** A transaction in its place. */
export interface Placed {
  transaction: Transaction
  /** Keys of its steps, and of those of its target that lie between them. */
  inside: ReadonlySet<string>
  /** What must have succeeded before it is entered: all that its steps wait for outside. */
  outside: readonly Before[]
  /** What must have ended before. */
  follows: readonly Before[]
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
  const targets = groupBy(nodes, ({ step }) => step.target)
  const views = viewsOf(nodes)
  const placed = [...members].map(([transaction, own]) => {
    const [first] = own
    if (own.some(({ step }) => step.target !== first?.step.target))
      throw new Error(`the steps of ${transaction.id} are on several targets`)
    const target = first?.step.target ?? ''
    const view = views(target)
    const nodesInside = between(own, targets.get(target) ?? [], view)
    const inside = new Set(nodesInside.map(({ key }) => key))
    const outside = (of: (node: Node) => readonly Before[]): Before[] =>
      without(new Set(nodesInside.flatMap(of)), inside, view)
    return {
      transaction,
      inside,
      outside: outside(({ after }) => after),
      follows: outside(({ follows }) => follows),
    }
  })
  refuseCircles(nodes, placed)
  return new Map(placed.flatMap((one) => [...one.inside].map((key) => [key, one] as const)))
}

/** What of that which is waited for is of one target, without going through what is of others. */
type View = (joint: Joint) => readonly Before[]

/** Views of targets: each joint of many targets is gone through once for all of them. */
function viewsOf(nodes: readonly Node[]): (target: string) => View {
  const targetByKey = new Map(nodes.map(({ key, step }) => [key, step.target]))
  /** Of joints: their only target, or undefined. */
  const targetOf = overJoints<string | undefined>(
    (key) => targetByKey.get(key),
    ([first, ...others]) => (others.every((one) => one === first) ? first : undefined),
  )
  const spread = new Map<Joint, ReadonlyMap<string, readonly string[]>>()
  return (target) => (joint) => {
    const only = targetOf(joint)
    if (only !== undefined) return only === target ? joint.of : []
    const byTarget = spread.get(joint) ?? groupBy(keysBehind([joint]), (key) => targetByKey.get(key) ?? '')
    spread.set(joint, byTarget)
    return byTarget.get(target) ?? []
  }
}

/** Some nodes and what lies between them, of those of their target, given in topological order. */
function between(some: readonly Node[], all: readonly Node[], view: View): Node[] {
  const waitsFor = ({ after, follows }: Node): readonly Before[] => [...after, ...follows]
  const behind = new Set(some.map(({ key }) => key))
  const isBehind = overView<boolean>(
    view,
    (key) => behind.has(key),
    (of) => of.includes(true),
  )
  for (const node of all) if (waitsFor(node).some(isBehind)) behind.add(node.key)
  const before = new Set(some.map(({ key }) => key))
  const open: Before[] = []
  const seen = new Set<Joint>()
  for (const node of [...all].reverse()) {
    if (!before.has(node.key)) continue
    open.push(...waitsFor(node))
    for (let one = open.pop(); one !== undefined; one = open.pop())
      if (typeof one === 'string') before.add(one)
      else if (!seen.has(one)) {
        seen.add(one)
        open.push(...view(one))
      }
  }
  return all.filter(({ key }) => behind.has(key) && before.has(key))
}

/** What is waited for, less some steps of the view's target. */
function without(of: ReadonlySet<Before>, inside: ReadonlySet<string>, view: View): Before[] {
  const hasInside = overView<boolean>(
    view,
    (key) => inside.has(key),
    (values) => values.includes(true),
  )
  const left = new Set<Before>()
  const seen = new Set<Joint>()
  const visit = (one: Before): void => {
    if (typeof one !== 'string' && hasInside(one)) {
      if (seen.has(one)) return
      seen.add(one)
      one.of.forEach(visit)
    } else if (typeof one !== 'string' || !inside.has(one)) left.add(one)
  }
  of.forEach(visit)
  return [...left]
}

/** As overJoints, of what is of the view's target. */
function overView<T>(
  view: View,
  ofStep: (key: string) => T,
  ofJoint: (values: readonly T[]) => T,
): (before: Before) => T {
  const made = new Map<Joint, T>()
  const resolve = (before: Before): T => {
    if (typeof before === 'string') return ofStep(before)
    const there = made.get(before)
    if (there !== undefined) return there
    const value = ofJoint(view(before).map(resolve))
    made.set(before, value)
    return value
  }
  return resolve
}

/**
 * What waits for what, with transactions, under their ids, in place of what is inside: a transaction waits for all that its
 * steps wait for.
 */
export function contracted(nodes: readonly Node[], placed: Iterable<Placed>): Waits {
  const nameOf = new Map<string, string>()
  const needs = new Map<Before, ReadonlySet<Before>>()
  const name = (before: Before): Before =>
    typeof before === 'string' ? (nameOf.get(before) ?? before) : before
  const add = (one: Before, of: readonly Before[]): void => {
    needs.set(one, new Set(of.map(name)))
    for (const before of of) if (typeof before !== 'string' && !needs.has(before)) add(before, before.of)
  }
  const all = [...placed]
  for (const { transaction, inside } of all)
    for (const key of inside) {
      const other = nameOf.get(key)
      if (other !== undefined) throw new Error(`${key} lies in ${other} and in ${transaction.id}`)
      nameOf.set(key, transaction.id)
    }
  for (const { transaction, outside, follows } of all) add(transaction.id, [...outside, ...follows])
  for (const { key, after, follows } of nodes) if (!nameOf.has(key)) add(key, [...after, ...follows])
  return needs
}

/** Two transactions, or one and a step between, must not wait for each other. */
function refuseCircles(nodes: readonly Node[], placed: readonly Placed[]): void {
  const needs = contracted(nodes, placed)
  // what never ends lies in a circle, or behind one
  const ends = new Set(inTurns(needs, () => undefined))
  const circle = placed.map(({ transaction }) => transaction.id).filter((id) => !ends.has(id))
  const names = [...needs.keys()].filter((one) => typeof one === 'string' && !ends.has(one))
  if (circle.length > 0)
    throw new Error(`transactions wait for each other: ${circle.join(', ')}; ${names.join(', ')}`)
}
