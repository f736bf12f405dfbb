import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { nodeTransaction } from './node-transaction.js'

/** Whether a node is drained before its kubelet is restarted, as an upgrade changes its minor. */
export const drainsForUpgrade = ({ upgrade }: Pick<Context, 'upgrade'>, { spec }: Machine): boolean =>
  upgrade?.drained.has(spec.name) === true

/** What makes any change of a step wait for the turn of its node. */
export type Turn = Pick<Step, 'disrupts' | 'within' | 'vacates'>

/**
 * In an upgrade a node keeps its kubelet until its turn: what replaces it is made in the node's transaction, after the drain
 * where there is one. Undefined for what is replaced at once: a machine that is no node yet, or whose kubelet stays.
 */
export function nodeTurn(context: Context, machine: Machine): Turn | undefined {
  const within = nodeTransaction(context, machine)
  if (within === undefined || context.upgrade?.kubelets.has(machine.spec.name) !== true) return undefined
  return { within, disrupts: () => 'node', vacates: () => drainsForUpgrade(context, machine) }
}
