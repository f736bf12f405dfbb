import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { nodeTransaction } from './node-transaction.js'

/** What makes any change of a step wait for the turn of its node. */
export type Turn = Pick<Step, 'disrupts' | 'within' | 'vacates'>

/**
 * In an upgrade a node keeps its kubelet until its turn: what replaces it is made in the node's transaction, after the drain
 * where there is one. Undefined for what is replaced at once: a machine that is no node yet, or whose kubelet stays.
 */
export function nodeTurn(context: Context, machine: Machine): Turn | undefined {
  const { upgrade } = context
  const { name } = machine.spec
  const within = nodeTransaction(context, machine)
  if (within === undefined || upgrade?.kubelets.has(name) !== true) return undefined
  return { within, disrupts: () => 'node', vacates: () => upgrade.drained.has(name) }
}
