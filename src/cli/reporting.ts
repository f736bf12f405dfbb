import type { Counts, Emit, RunEvent } from '../engine/events.js'
import type { OnCommand } from '../host/command-record.js'
import { exitCodes } from '../lib/errors.js'
import type { Reporter } from '../ui/reporter.js'
import { text } from './command.js'
import { tellInterrupted } from './end-of-process.js'
import { startLog } from './log.js'

export interface Reporting {
  emit: Emit
  /** Milliseconds since the command began. */
  now(): number
  /** Aborted by the first Ctrl-C; the second ends the process. */
  signal: AbortSignal
  /** Whether a person watches: prose may be printed besides. */
  human: boolean
  json: boolean
  /** For openSession: what hosts are told and asked goes into the log, and on the screen with --verbose. */
  onCommand: OnCommand
  /** Path of the log; undefined when there is none. */
  logPath: string | undefined
  /** For the log alone. */
  note(record: object): void
  /** Shows the end of the run and waits for everything to be shown. The log stays open for what `note` adds. */
  finish(exitCode: number, summary: Readonly<Record<string, Counts>>): Promise<void>
}

/** Starts reporting in the way --output names. */
export async function startReporting(values: Record<string, unknown>): Promise<Reporting> {
  const began = performance.now()
  const now = (): number => Math.round(performance.now() - began)
  const verbose = values.verbose === true
  const kind = kindOf(text(values, 'output'), verbose)
  const reporter = await make(kind, verbose)
  const warn = (text: string): void => emit({ type: 'message', at: now(), level: 'warning', text })
  const note = (record: object): void => log?.write(record)
  const emit = (event: RunEvent): void => {
    note(event)
    reporter.on(event)
  }
  const early: string[] = []
  let complain = (text: string): unknown => early.push(text)
  const log = startLog(values, (text) => complain(text))
  complain = warn
  for (const text of early) warn(text)
  const abort = new AbortController()
  const onInterrupt = (): void => {
    if (abort.signal.aborted) {
      tellInterrupted()
      process.exit(exitCodes.interrupted)
    }
    abort.abort()
    warn('interrupted: finishing the steps that have started; interrupt again to stop at once')
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  return {
    emit,
    now,
    signal: abort.signal,
    human: kind !== 'json' && kind !== 'junit',
    json: kind === 'json',
    onCommand: (record) => {
      note(record)
      reporter.onCommand?.(record, now())
    },
    logPath: log?.path,
    note,
    finish: async (exitCode, summary) => {
      emit({ type: 'run-finished', at: now(), ok: exitCode === exitCodes.ok, exitCode, summary })
      await reporter.close()
      process.removeListener('SIGINT', onInterrupt)
      process.removeListener('SIGTERM', onInterrupt)
    },
  }
}

/** A live view has no room for every command: who wants them gets lines, and so does what no view can be drawn on. */
function kindOf(wanted: string, verbose: boolean): string {
  const drawable = process.stdout.isTTY && !verbose && process.env.TERM !== 'dumb'
  if (wanted === 'tree') return drawable ? 'tree' : 'plain'
  if (wanted !== 'auto' && wanted !== '') return wanted
  return drawable && process.stderr.isTTY ? 'tree' : 'plain'
}

async function make(kind: string, verbose: boolean): Promise<Reporter> {
  if (kind === 'json') return (await import('../ui/json.js')).jsonReporter(process.stdout)
  if (kind === 'junit') return (await import('../ui/junit.js')).junitReporter(process.stdout)
  if (kind === 'tree') return (await import('../ui/tree.js')).treeReporter()
  return (await import('../ui/plain.js')).plainReporter(process.stdout, verbose)
}
