import type { Workflow } from '../engine/phase.js'
import type { Context } from '../phases/context.js'
import { type ResetOptions, reset as resetPhase } from '../phases/reset/reset.js'

/** Takes kubestrap's work off machines again. */
export const reset = (options: ResetOptions): Workflow<Context> => ({
  id: 'reset',
  phases: [resetPhase(options)],
})
