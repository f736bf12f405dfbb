import type { UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'

/** Prints what, why and the next move to stderr. */
export function printError(error: Pick<UserError, 'message' | 'why' | 'next' | 'host'>): void {
  const lines = [`error: ${error.host ? `${error.host}: ` : ''}${error.message}`]
  if (error.why) lines.push(redact(error.why).trimEnd().replace(/^/gm, '  '))
  if (error.next) lines.push(`→ ${error.next}`)
  process.stderr.write(`${redact(lines.join('\n'))}\n`)
}
