import type { Context } from '../../cluster/context.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import { missingOrWhy } from '../../lib/errors.js'
import { waitFor } from '../../resources/wait-for.js'
import { isCordonedByUs } from './cordon.js'
import { awaitedVersion, wasAvailable } from './interruption.js'
import { watchedNode } from './nodes-api.js'
import { notWell } from './not-well.js'

/** How long a node may take to be Ready again after what interrupted it, ms. */
export const readyMs = 120_000

/**
 * A node that was Ready and was interrupted in this run, without a drain, is Ready again before its turn ends: the next
 * node is not begun while nobody knows how this one came out. One that was drained is waited for by its uncordon; one that
 * was not Ready before waits for what else the run brings.
 */
export function readyAgainStep(
  context: Context,
  machine: Machine,
  { id = 'ready-again', within, needs }: { id?: string; within: Transaction; needs: readonly Need[] },
): Step<string | undefined> {
  const { name } = machine.spec
  const step = waitFor({
    id,
    title: `${name} is Ready again`,
    target: name,
    needs,
    withinMs: readyMs + context.spec.rollout.minReadyMs,
    everyMs: 500,
    evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: [] }),
    look: async ({ planning }) => {
      if (planning || !wasAvailable(within)) return undefined
      return missingOrWhy(async () => {
        const node = await watchedNode(await context.kube(), name)
        if (node === undefined) return `${name} is not registered as a node`
        if (isCordonedByUs(node)) return undefined
        return notWell(context, machine, node, await awaitedVersion(context, machine, within))
      })
    },
  })
  return { ...step, within }
}
