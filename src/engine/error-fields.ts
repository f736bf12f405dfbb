import { UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'

/** An error as events and reports show it, without secrets. */
export function errorFields(error: unknown): { message: string; why?: string; next?: string; host?: string } {
  if (error instanceof UserError) {
    return {
      message: redact(error.message),
      ...(error.why ? { why: redact(error.why) } : {}),
      ...(error.next ? { next: redact(error.next) } : {}),
      ...(error.host ? { host: error.host } : {}),
    }
  }
  return { message: redact(error instanceof Error ? error.message : String(error)) }
}
