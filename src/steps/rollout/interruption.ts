import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Transaction } from '../../engine/transaction.js'
import { unitLife } from './lives.js'

/** What was seen of a node right before it was interrupted. */
interface Interruption {
  /** It was known to be Ready, and no run of kubestrap had left it drained. */
  available: boolean
  /** The life of its kubelet then. */
  kubelet: string
}

const seen = new WeakMap<Transaction, Interruption>()

/** Notes that a node is about to be interrupted in this run. Throws where its kubelet cannot be asked for. */
export async function noteInterruption(
  within: Transaction,
  machine: Machine,
  available: boolean,
): Promise<void> {
  seen.set(within, { available, kubelet: await unitLife(machine, kubeletUnit).life() })
}

/** Whether a node was interrupted in this run that was available before: it must be so again before the next one is. */
export const wasAvailable = (within: Transaction): boolean => seen.get(within)?.available === true

/**
 * "v1.36.2": the version that a Node is to tell of its kubelet, in an upgrade in which this run has restarted it. Undefined
 * where the kubelet that runs is the one that ran before.
 */
export async function awaitedVersion(
  { upgrade }: Pick<Context, 'upgrade'>,
  machine: Machine,
  within: Transaction,
): Promise<string | undefined> {
  const before = seen.get(within)
  if (before === undefined || upgrade?.kubelets.has(machine.spec.name) !== true) return undefined
  const now = await unitLife(machine, kubeletUnit).life()
  return now === before.kubelet ? undefined : `v${upgrade.to}`
}
