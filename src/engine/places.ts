import type { Graph } from './graph.js'
import { contracted, type Placed } from './transaction.js'
import { inTurns } from './turns.js'

/**
 * The places of steps among those that interrupt something, by key; of a transaction all have one. No one comes before what it
 * waits for; as far as that allows the targets come in the wished order, and the steps of one in that of the graph. Takes
 * time in proportion to steps and needs.
 * @param order targets; those that it does not name come last
 */
export function placesOf(
  { nodes }: Graph,
  transactions: ReadonlyMap<string, Placed>,
  order: readonly string[],
): ReadonlyMap<string, number> {
  const targets = new Map(order.map((target, i) => [target, i]))
  const unitOf = (key: string): string => transactions.get(key)?.transaction.id ?? key
  const wished = new Map<string, number>()
  for (const [i, { key, step }] of nodes.entries()) {
    const unit = unitOf(key)
    if (wished.has(unit) || (unit === key && step.disrupts === undefined)) continue
    wished.set(unit, (targets.get(step.target) ?? order.length) * nodes.length + i)
  }
  const turns = inTurns(contracted(nodes, new Set(transactions.values())), (one) =>
    typeof one === 'string' ? wished.get(one) : undefined,
  )
  const places = new Map(turns.map((one, i) => [one, i]))
  return new Map(nodes.map(({ key }) => [key, places.get(unitOf(key)) ?? 0]))
}
