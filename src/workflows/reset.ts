import type { Context } from '../cluster/context.js'
import type { Workflow } from '../engine/phase.js'
import { drainLeaving } from '../phases/drain-leaving.js'
import { type ResetOptions, reset as resetPhase } from '../phases/reset.js'

/** Moves away what runs on machines, takes them out of the cluster, and takes kubestrap's work off them again. */
export const reset = (options: ResetOptions): Workflow<Context> => ({
  id: options.command,
  phases: [drainLeaving(options), resetPhase(options)],
})
