import { messageOf, UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'

export interface ErrorFields {
  /** What went wrong, one line. */
  message: string
  /** How the error is known: the command's own words. */
  why?: string
  /** The likely cause. */
  cause?: string
  /** The code of that cause, KSnnnn: a promise to scripts; `kubestrap explain` has its page. */
  code?: string
  /** What to do now. */
  next?: string
  /** The host of the error. */
  host?: string
}

/** An error as events and reports show it, without secrets. */
export function errorFields(error: unknown): ErrorFields {
  if (error instanceof UserError) {
    return {
      message: redact(error.message),
      ...(error.why ? { why: redact(error.why) } : {}),
      ...(error.likely ? { cause: redact(error.likely) } : {}),
      ...(error.causeCode ? { code: error.causeCode } : {}),
      ...(error.next ? { next: redact(error.next) } : {}),
      ...(error.host ? { host: error.host } : {}),
    }
  }
  return { message: redact(messageOf(error)) }
}
