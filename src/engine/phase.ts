import type { Step } from './step.js'

/**
 * A named part of a workflow: a pure function from the context (spec, facts, release) to steps.
 * It does nothing itself.
 */
export interface Phase<Context> {
  /** Short and stable, a noun: "pki". */
  id: string
  title: string
  /** One sentence for `phase list`. */
  about: string
  steps(context: Context): readonly Step[]
}

/** An ordered list of phases one can read aloud. */
export interface Workflow<Context> {
  id: string
  phases: readonly Phase<Context>[]
}
