import { NotYet } from '../engine/late.js'
import { isBug, UserError } from '../lib/errors.js'
import { within } from '../lib/within.js'

/** An error's words on one line, with what is known of it. */
export function shortly(error: unknown): string {
  if (error instanceof NotYet) return error.what
  if (!(error instanceof Error)) return String(error)
  const why = error instanceof UserError && error.why ? `: ${error.why}` : ''
  return `${error.message}${why}`.replaceAll(/\s*\n\s*/g, '; ')
}

/**
 * One of several looks: what it finds, or why it could not be had. Never rejects but for a bug.
 * @param what it is about: "load balancers"
 */
export async function look<T>(
  what: string,
  ms: number,
  work: Promise<T>,
): Promise<{ found: T } | { couldNot: string }> {
  try {
    return { found: await within(ms, work) }
  } catch (error) {
    if (isBug(error)) throw error
    return { couldNot: `could not check ${what}: ${shortly(error)}` }
  }
}
