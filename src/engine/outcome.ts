import type { StepStatus } from './events.js'

/** How a step ended, for those that wait for it. */
export interface Outcome {
  status: StepStatus
  /** Something here or before it was changed in this run: what came out of the plan may be stale. */
  stirred: boolean
}

/** Whether what waits for it may start; what is not of the graph is no obstacle. */
export const succeeded = (outcome: Outcome | undefined): boolean =>
  outcome === undefined || outcome.status === 'ok' || outcome.status === 'changed'
