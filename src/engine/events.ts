import type { ErrorFields } from './error-fields.js'
import type { Change, Disruption } from './step.js'

/**
 * How a step ended.
 * - `skipped`: something it waits for did not succeed, or the run was told to stop
 * - `blocked`: another that takes the same away from the cluster failed; nothing is wrong with this one
 */
export type StepStatus = 'ok' | 'changed' | 'failed' | 'skipped' | 'blocked'

/** How many steps of a target ended in which way. */
export type Counts = Record<StepStatus, number>

export interface StepRef {
  key: string
  target: string
  phase: string
  title: string
}

/**
 * What a run tells while it goes on; reporters draw it, `--output json` prints it, one a line.
 * Times are milliseconds; `at` is milliseconds since the run began.
 */
export type RunEvent =
  | {
      type: 'run-started'
      at: number
      workflow: string
      phases: readonly { id: string; title: string }[]
      steps: readonly StepRef[]
    }
  | { type: 'message'; at: number; level: 'info' | 'warning'; text: string; host?: string }
  | {
      type: 'planned'
      at: number
      converged: number
      changes: number
      /** Known only after earlier steps are applied. */
      unknown: number
      /** Could not be looked at. */
      failed: number
    }
  | { type: 'step-started'; at: number; step: StepRef }
  | { type: 'step-progress'; at: number; step: StepRef; text: string }
  /** It waits for its turn: what it takes away from the cluster (`etcd`, `api`, `balancer`, `node`) others have taken away. */
  | { type: 'step-waiting'; at: number; step: StepRef; for: readonly Disruption[] }
  /** It has its turn. Only after `step-waiting`. */
  | { type: 'step-resumed'; at: number; step: StepRef }
  | {
      type: 'step-finished'
      at: number
      step: StepRef
      status: StepStatus
      ms: number
      changes?: readonly Change[]
      /** Why it was skipped or blocked. */
      reason?: string
      error?: ErrorFields
    }
  | {
      type: 'check'
      at: number
      name: string
      status: 'passed' | 'failed' | 'skipped'
      ms: number
      detail?: string
      /** Of one that failed: the last words of those it is about, lines. */
      words?: string
      /** What probably made it fail, where words of this run show it, and the code of that cause. */
      cause?: string
      code?: string
    }
  | {
      type: 'run-finished'
      at: number
      ok: boolean
      exitCode: number
      summary: Readonly<Record<string, Counts>>
    }

export type Emit = (event: RunEvent) => void
