import type { Counts } from '../engine/events.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { printError } from './print-error.js'
import { type Reporting, startReporting } from './reporting.js'

export interface Done {
  exitCode: number
  /** Steps by target; {} for commands that apply none. */
  summary?: Readonly<Record<string, Counts>>
  /** What to print once everything else is shown. */
  lastWords?: () => void
}

/**
 * Does a command's work between the start and the end of its reporting: however it ends, the last event
 * says so. A UserError is printed and becomes its exit code; anything else is a bug and goes on up.
 */
export async function withReporting(
  values: Record<string, unknown>,
  work: (reporting: Reporting) => Promise<Done>,
): Promise<number> {
  const reporting = await startReporting(values)
  try {
    const { exitCode, summary = {}, lastWords } = await work(reporting)
    await reporting.finish(exitCode, summary)
    lastWords?.()
    return exitCode
  } catch (error) {
    if (!(error instanceof UserError)) {
      await reporting.finish(exitCodes.bug, {})
      throw error
    }
    await reporting.finish(exitCodes[error.kind], {})
    printError(error)
    return exitCodes[error.kind]
  }
}

/** Options of a command that prints something of its own: a live tree would be in its way. */
export function withoutTree(values: Record<string, unknown>): Record<string, unknown> {
  return {
    ...values,
    output: values.output === 'json' || values.output === 'junit' ? values.output : 'plain',
  }
}
