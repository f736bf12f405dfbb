import { redact } from '../lib/secret.js'

/** What a reader is told of a failure; a UserError has it all. */
export interface Told {
  message: string
  why?: string | undefined
  likely?: string | undefined
  next?: string | undefined
  host?: string | undefined
}

/** Prints what, why, the likely cause and the next move to stderr. */
export function printError(error: Told): void {
  const lines = [`error: ${error.host ? `${error.host}: ` : ''}${error.message}`]
  if (error.why) lines.push(redact(error.why).trimEnd().replace(/^/gm, '  '))
  if (error.likely) lines.push(`likely cause: ${error.likely}`)
  if (error.next) lines.push(`→ ${error.next}`)
  process.stderr.write(`${redact(lines.join('\n'))}\n`)
}
