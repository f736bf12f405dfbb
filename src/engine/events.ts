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
  /** Name of the step, `TARGET/ID`: the same in each run. */
  key: string
  /** The host, or `cluster`: the Kubernetes API. */
  target: string
  /** The phase of the step, see `kubestrap phase list`. */
  phase: string
  /** The title of the step, for people. */
  title: string
}

/**
 * What a run tells while it goes on; reporters draw it, `--output json` prints it, one a line; docs/reference/events.md
 * is made of the comments (`npm run reference`).
 * Times are milliseconds; `at` is milliseconds since the run began.
 */
export type RunEvent =
  /** First: what the run is made of. */
  | {
      type: 'run-started'
      at: number
      /** `up`, `plan`, `reset` … */
      workflow: string
      /** The phases of the workflow, in their order. */
      phases: readonly { id: string; title: string }[]
      /** Every step of the run, those that are up to date too. */
      steps: readonly StepRef[]
    }
  /** Something to know, in words for people. */
  | {
      type: 'message'
      at: number
      /** `warning`: a person should look. */
      level: 'info' | 'warning'
      /** The wording changes with versions. */
      text: string
      /** The host that the message is about, where there is one. */
      host?: string
    }
  /** Every step was looked at: how many there are of which kind. */
  | {
      type: 'planned'
      at: number
      /** Up to date. */
      converged: number
      /** To be changed. */
      changes: number
      /** Known only after earlier steps are applied. */
      unknown: number
      /** Could not be looked at. */
      failed: number
    }
  /** A step is under way. */
  | { type: 'step-started'; at: number; step: StepRef }
  /** How far a step is. */
  | {
      type: 'step-progress'
      at: number
      step: StepRef
      /** In words for people. */
      text: string
    }
  /** A step waits for its turn: other steps interrupt what the step would interrupt. */
  | {
      type: 'step-waiting'
      at: number
      step: StepRef
      /** What would be interrupted. */
      for: readonly Disruption[]
    }
  /** The turn of a step has come. Only after `step-waiting`. */
  | { type: 'step-resumed'; at: number; step: StepRef }
  /** A step has ended. */
  | {
      type: 'step-finished'
      at: number
      step: StepRef
      /** `ok`: up to date; `skipped`: a step that this step needs did not succeed; `blocked`: another step that interrupts the same failed. */
      status: StepStatus
      ms: number
      /** What was changed. */
      changes?: readonly Change[]
      /** Why it was skipped or blocked. */
      reason?: string
      /** Of a step that failed. */
      error?: ErrorFields
    }
  /** A check of `verify` or `preflight` has ended. */
  | {
      type: 'check'
      at: number
      /** What was checked, in words for people. */
      name: string
      /** `skipped`: the check could not be made. */
      status: 'passed' | 'failed' | 'skipped'
      ms: number
      /** What was seen, or what is wrong. */
      detail?: string
      /** Of a check that failed: the last log lines of the containers that the check is about. */
      words?: string
      /** The likely cause of the failure, where words of this run show the cause. */
      cause?: string
      /** The code of that cause, KSnnnn: `kubestrap explain` has its page. */
      code?: string
    }
  /** Last: how the run ended. */
  | {
      type: 'run-finished'
      at: number
      /** Whether the exit code is 0. */
      ok: boolean
      /** See the page on exit codes. */
      exitCode: number
      /** By host (`cluster` is the Kubernetes API): how many steps were `ok`, `changed`, `failed`, `skipped`, `blocked`. */
      summary: Readonly<Record<string, Counts>>
    }

export type Emit = (event: RunEvent) => void
