import type { ErrorFields } from '../../engine/error-fields.js'
import type { RunEvent } from '../../engine/events.js'

/** A step under way. Texts are raw: what draws them masks them. */
export interface Running {
  target: string
  title: string
  /** Milliseconds of the run. */
  since: number
  /** How far it is, in its own words. */
  text: string | undefined
}

/** A step that failed. */
export interface Failure {
  target: string
  title: string
  error: ErrorFields
}

/** A step that changed something. */
export interface Changed {
  target: string
  what: readonly string[]
}

/** What a phase has to do on one target. */
interface Part {
  steps: number
  ended: number
  /** Steps under way. */
  running: number
  /** Something failed or was not reached. */
  bad: boolean
}

/** A phase, in counts. */
export interface PhaseView {
  readonly title: string
  /** Targets: hosts, or the cluster. */
  readonly parts: number
  /** Targets on which every step has succeeded. */
  readonly partsDone: number
  /** Targets on which steps are under way. */
  readonly partsBusy: number
  readonly steps: number
  readonly ended: number
  readonly changed: number
  readonly failed: number
  /** Steps that were not started: what they wait for failed, or they are blocked. */
  readonly missed: number
  /** Of these the blocked ones: what failed is not before them, but takes the same away. */
  readonly blocked: number
  /** Steps that wait for their turn, since others of their kind are under way. */
  readonly waiting: number
  /** Steps under way by key, the one that has run longest first. */
  readonly running: ReadonlyMap<string, Running>
  /** The first failure of each target. */
  readonly failures: ReadonlyMap<string, Failure>
  /** Between them it was at work, milliseconds of the run. */
  readonly span: { from: number; to: number } | undefined
}

export type PhaseState = 'waiting' | 'running' | 'done' | 'up to date' | 'failed' | 'not reached'

/** How many of the last changes are remembered. */
const remembered = 40

/**
 * A run in counts, as its events tell it. An event costs the same however many hosts there are; only the first, which
 * names every step, is as long as they are many.
 */
export class RunModel {
  #phases = new Map<string, Phase>()
  #list: readonly Phase[] = []
  #recent: Changed[] = []
  #over = false
  workflow = ''
  steps = 0
  ended = 0
  changed = 0
  failed = 0
  missed = 0
  blocked = 0
  /** The first failure of the run. */
  failure: Failure | undefined
  /** When the steps began, milliseconds of the run. */
  began = 0

  on(event: RunEvent): void {
    if (event.type === 'run-started') this.#begin(event)
    else if (event.type === 'run-finished') this.end()
    else if ('step' in event) this.#phases.get(event.step.phase)?.on(event)
    if (event.type === 'step-finished' && this.#phases.has(event.step.phase)) this.#count(event)
  }

  /** No further event comes: what has not ended was not reached. */
  end(): void {
    this.#over = true
    for (const phase of this.#phases.values()) phase.end()
  }

  /** Phases that have steps, in the workflow's order. */
  get phases(): readonly PhaseView[] {
    return this.#list
  }

  /** Whether every step has ended. */
  get settled(): boolean {
    return this.ended >= this.steps
  }

  /** The last changes, the latest first. */
  get recent(): readonly Changed[] {
    return this.#recent
  }

  stateOf(phase: PhaseView): PhaseState {
    if (phase.failed > 0) return 'failed'
    if (phase.ended < phase.steps) {
      if (this.#over) return 'not reached'
      return phase.running.size + phase.waiting > 0 ? 'running' : 'waiting'
    }
    if (phase.missed > 0) return 'not reached'
    return phase.changed > 0 ? 'done' : 'up to date'
  }

  #begin(event: RunEvent & { type: 'run-started' }): void {
    this.workflow = event.workflow
    this.began = event.at
    this.steps = event.steps.length
    const all = new Map(event.phases.map(({ id, title }) => [id, new Phase(title)]))
    for (const { phase, target } of event.steps) all.get(phase)?.add(target)
    this.#phases = new Map([...all].filter(([, { steps }]) => steps > 0))
    this.#list = [...this.#phases.values()]
  }

  #count({ status, step, changes = [], error, reason }: RunEvent & { type: 'step-finished' }): void {
    this.ended += 1
    if (status === 'ok') return
    if (status === 'changed') {
      this.changed += 1
      this.#recent.unshift({ target: step.target, what: changes.map(({ summary }) => summary) })
      if (this.#recent.length > remembered) this.#recent.pop()
    } else if (status === 'failed') {
      this.failed += 1
      this.failure ??= failureOf(step, error, reason)
    } else {
      this.missed += 1
      if (status === 'blocked') this.blocked += 1
    }
  }
}

class Phase implements PhaseView {
  readonly #parts = new Map<string, Part>()
  readonly running = new Map<string, Running>()
  readonly failures = new Map<string, Failure>()
  readonly #waiting = new Set<string>()
  partsDone = 0
  partsBusy = 0
  steps = 0
  ended = 0
  changed = 0
  failed = 0
  missed = 0
  blocked = 0
  span: { from: number; to: number } | undefined

  constructor(readonly title: string) {}

  get parts(): number {
    return this.#parts.size
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** One more step on a target. */
  add(target: string): void {
    this.steps += 1
    const part = this.#parts.get(target)
    if (part) part.steps += 1
    else this.#parts.set(target, { steps: 1, ended: 0, running: 0, bad: false })
  }

  on(
    event: RunEvent & {
      type: 'step-started' | 'step-waiting' | 'step-resumed' | 'step-progress' | 'step-finished'
    },
  ): void {
    const { key, target, title } = event.step
    if (event.type === 'step-waiting') {
      if (this.running.delete(key)) this.#busy(target, -1)
      this.#waiting.add(key)
    } else if (event.type === 'step-started' || event.type === 'step-resumed') {
      this.#waiting.delete(key)
      this.span ??= { from: event.at, to: event.at }
      this.running.set(key, { target, title, since: event.at, text: undefined })
      this.#busy(target, 1)
    } else if (event.type === 'step-progress') {
      const step = this.running.get(key)
      if (step) step.text = event.text
    } else this.#finish(event)
  }

  /** Nothing is under way any more. */
  end(): void {
    this.running.clear()
    this.#waiting.clear()
    this.partsBusy = 0
  }

  #finish({ at, step, status, error, reason }: RunEvent & { type: 'step-finished' }): void {
    if (this.running.delete(step.key)) this.#busy(step.target, -1)
    this.#waiting.delete(step.key)
    this.ended += 1
    if (this.span) this.span.to = at
    const fine = status === 'ok' || status === 'changed'
    if (status === 'changed') this.changed += 1
    else if (status === 'failed') {
      this.failed += 1
      if (!this.failures.has(step.target)) this.failures.set(step.target, failureOf(step, error, reason))
    } else if (!fine) {
      this.missed += 1
      if (status === 'blocked') this.blocked += 1
    }
    const part = this.#parts.get(step.target)
    if (!part) return
    part.ended += 1
    part.bad ||= !fine
    if (part.ended === part.steps && !part.bad) this.partsDone += 1
  }

  #busy(target: string, change: 1 | -1): void {
    const part = this.#parts.get(target)
    if (!part) return
    part.running += change
    if (part.running === (change === 1 ? 1 : 0)) this.partsBusy += change
  }
}

function failureOf(
  { target, title }: { target: string; title: string },
  error: ErrorFields | undefined,
  reason: string | undefined,
): Failure {
  return { target, title, error: error ?? { message: reason ?? 'failed' } }
}
