import { errorFields } from '../engine/error-fields.js'
import type { Counts } from '../engine/events.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { tell } from '../ui/screen.js'
import { asUserError } from './as-user-error.js'
import { printError } from './print-error.js'
import { type Reporting, startReporting } from './reporting.js'

/** Exit codes that are no failure. */
const fine: readonly number[] = [exitCodes.ok, exitCodes.planHasChanges]

export interface Done {
  exitCode: number
  /** Steps by target; {} for commands that apply none. */
  summary?: Readonly<Record<string, Counts>>
  /** What to print once everything else is shown. */
  lastWords?: () => void
}

/**
 * Does a command's work between the start and the end of its reporting: however it ends, the last event
 * says so, and after a failure where the full log lies. A UserError is printed and becomes its exit code;
 * anything else is a bug and goes on up.
 */
export async function withReporting(
  values: Record<string, unknown>,
  work: (reporting: Reporting) => Promise<Done>,
): Promise<number> {
  const reporting = await startReporting(values)
  try {
    const { exitCode: reached, summary = {}, lastWords } = await work(reporting)
    const exitCode = ended(reporting, reached)
    await reporting.finish(exitCode, summary)
    lastWords?.()
    if (!fine.includes(exitCode)) tellLog(reporting)
    return exitCode
  } catch (thrown) {
    const error = asUserError(thrown)
    if (!(error instanceof UserError)) {
      reporting.note({ type: 'bug', stack: error instanceof Error ? error.stack : String(error) })
      await reporting.finish(exitCodes.bug, {})
      tellLog(reporting)
      throw error
    }
    reporting.note({ type: 'error', kind: error.kind, ...errorFields(error) })
    const exitCode = ended(reporting, exitCodes[error.kind])
    await reporting.finish(exitCode, {})
    printError(error)
    tellLog(reporting)
    return exitCode
  }
}

/** What was interrupted ends as that, whatever else came of it. */
const ended = ({ signal }: Reporting, exitCode: number): number =>
  signal.aborted ? exitCodes.interrupted : exitCode

function tellLog({ logPath }: Reporting): void {
  if (logPath !== undefined) tell(`full log: ${logPath}\n`)
}

/** Options of a command that prints something of its own: a live view would be in its way. */
export function withoutTree(values: Record<string, unknown>): Record<string, unknown> {
  return {
    ...values,
    output: values.output === 'json' || values.output === 'junit' ? values.output : 'plain',
  }
}
