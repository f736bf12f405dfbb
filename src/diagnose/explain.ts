import type { Step } from '../engine/step.js'
import { messageOf, UserError } from '../lib/errors.js'
import { within } from '../lib/within.js'
import { type Diagnosis, diagnose } from './diagnose.js'

/** Looking for the cause may take this long; a host that does not answer must not hold up the end. */
const patienceMs = 25_000
/** Lines of evidence shown where the step itself had no words; all of them are in the log. */
const shownLines = 20

export interface ExplainOptions {
  /** What was asked to stop is no failure to explain. */
  signal?: AbortSignal
  /** Told when the look for a cause failed itself. */
  onTrouble(step: Step, why: string): void
}

/**
 * For the engine: a failed step's error with its likely cause, from the error's own words or, where these
 * say nothing known, from the evidence the step can gather of the time since the run began. The error itself when
 * nothing is found. Never throws.
 */
export function explainer({ signal, onTrouble }: ExplainOptions) {
  return async (step: Step, error: unknown, ageMs: number): Promise<unknown> => {
    if (signal?.aborted || !(error instanceof Error)) return error
    const words = wordsOf(error)
    const known = diagnose(words)
    // who says what to do next knows the cause; evidence of the machine would name another one
    const told = error instanceof UserError && (error.kind === 'connection' || error.next !== undefined)
    if (known || !step.evidence || told) return known ? explained(step, error, known, '') : error
    try {
      const evidence = await within(patienceMs, step.evidence(ageMs))
      const found = diagnose(evidence)
      return found || evidence.trim() !== '' ? explained(step, error, found, evidence) : error
    } catch (trouble) {
      onTrouble(step, messageOf(trouble))
      return error
    }
  }
}

/** Everything an error and what caused it say. */
function wordsOf(error: Error): string {
  const why = error instanceof UserError ? (error.why ?? '') : ''
  const before = error.cause instanceof Error ? wordsOf(error.cause) : ''
  return [before, error.message, why].join('\n')
}

function explained(step: Step, error: Error, found: Diagnosis | undefined, evidence: string): UserError {
  const user = error instanceof UserError ? error : undefined
  const own = user?.why?.trim() ?? ''
  const why =
    found && evidence !== '' ? withTelling(own, found, evidence) : own === '' ? lastOf(evidence) : own
  const next = found?.next ?? user?.next
  return new UserError(user?.kind ?? 'step', error.message, {
    host: user?.host ?? step.target,
    cause: error,
    ...(why === '' ? {} : { why }),
    ...(found ? { likely: found.cause, causeCode: found.code } : {}),
    ...(next ? { next } : {}),
  })
}

/** The end of evidence that nobody knows. */
const lastOf = (evidence: string): string => evidence.trim().split('\n').slice(-shownLines).join('\n')

/** The step's own words and, nearest to the cause that is told below them, the lines that show it. */
function withTelling(own: string, found: Diagnosis, evidence: string): string {
  const telling = new Set([found.line, ...saidBy(found, evidence)])
  return [...(own === '' ? [] : [own]), ...[...telling].filter((line) => !own.includes(line))].join('\n')
}

/** What the evidence has of a container's own words: lines that begin with the name that was caught. */
function saidBy({ caught }: Diagnosis, evidence: string): string[] {
  if (caught === '') return []
  return evidence.split('\n').filter((line) => line.startsWith(`${caught}: `))
}
