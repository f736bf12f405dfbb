import type { Context } from '../cluster/context.js'
import type { Workflow } from '../engine/phase.js'
import { type ResetOptions, reset as resetPhase } from '../phases/reset.js'

/** Takes kubestrap's work off machines again. */
export const reset = (options: ResetOptions): Workflow<Context> => ({
  id: 'reset',
  phases: [resetPhase(options)],
})
