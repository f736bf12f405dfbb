import type { StepStatus } from './events.js'

/** How a step ended, for those that wait for it. */
export interface Outcome {
  status: StepStatus
  /** Something here or before it was changed in this run: what came out of the plan may be stale. */
  stirred: boolean
}

/** What steps hand on to those that wait for them, one or many. */
export interface Passed {
  /** Key of the first of them that did not succeed. */
  broken: string | undefined
  /** One of them at least did; of none that is true as well. */
  worked: boolean
  /** See Outcome. */
  stirred: boolean
}

export const passedBy = (key: string, outcome: Outcome | undefined): Passed => {
  const worked = succeeded(outcome)
  return { broken: worked ? undefined : key, worked, stirred: outcome?.stirred === true }
}

/** What several hand on together. */
export const together = (of: readonly Passed[]): Passed => ({
  broken: of.find(({ broken }) => broken !== undefined)?.broken,
  worked: of.length === 0 || of.some(({ worked }) => worked),
  stirred: of.some(({ stirred }) => stirred),
})

/** Whether what waits for it may start; what is not of the graph is no obstacle. */
export const succeeded = (outcome: Outcome | undefined): boolean =>
  outcome === undefined || outcome.status === 'ok' || outcome.status === 'changed'
