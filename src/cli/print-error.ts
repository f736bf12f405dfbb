import { continued, indent, likelyCause } from '../ui/format.js'
import { tell } from '../ui/screen.js'

/** What a reader is told of a failure; a UserError has it all. */
export interface Told {
  message: string
  why?: string | undefined
  likely?: string | undefined
  causeCode?: string | undefined
  next?: string | undefined
  host?: string | undefined
}

/** Prints what, why, the likely cause and the next move to stderr. */
export function printError(error: Told): void {
  const lines = [`error: ${error.host ? `${error.host}: ` : ''}${error.message}`]
  if (error.why) lines.push(indent(error.why.trimEnd()))
  if (error.likely) lines.push(likelyCause(error.likely, error.causeCode))
  if (error.next) lines.push(`→ ${error.next}`)
  tell(`${lines.map((line) => continued(line)).join('\n')}\n`)
}
