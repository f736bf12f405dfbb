import type { Context } from '../../cluster/context.js'
import { type Effect, isAbout } from '../../engine/effect.js'
import type { Graph } from '../../engine/graph.js'
import type { Finding, Plan } from '../../engine/plan.js'
import type { Change } from '../../engine/step.js'
import { nodeTransaction } from './node-transaction.js'

/** A plan that says of each change that restarts a runtime whose containers end with it that the node is drained before. Pure. */
export function tellDrains(context: Context, graph: Graph, plan: Plan): Plan {
  const { runtime, machines } = context
  if (!runtime.restartEndsContainers) return plan
  const drained = new Set(
    machines.filter((machine) => nodeTransaction(context, machine)).map(({ spec }) => spec.name),
  )
  const isRestart = (effect: Effect): boolean =>
    effect.kind === 'restart' && isAbout(effect, { of: 'unit', name: runtime.unit })
  const drainedBefore = (effect: Effect): Effect =>
    effect.kind === 'restart' && isRestart(effect) ? { ...effect, afterDrain: true } : effect
  const told = (change: Change): Change =>
    change.effects?.some(isRestart) ? { ...change, effects: change.effects.map(drainedBefore) } : change
  const targets = new Map(graph.nodes.map(({ key, step }) => [key, step.target]))
  return new Map(
    [...plan].map(([key, finding]): [string, Finding] =>
      finding.kind === 'differs' && drained.has(targets.get(key) ?? '')
        ? [key, { ...finding, changes: finding.changes.map(told) }]
        : [key, finding],
    ),
  )
}
