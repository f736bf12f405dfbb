import { fchmodSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { shownJson } from './screen.js'

/** How many logs of earlier runs are kept, this one among them. */
const kept = 100

/** The full record of a command: one JSON object a line, each with its time, without secrets. */
export interface LogFile {
  path: string
  /** Says so to `onLost` once when the log can be written no more; the work goes on. */
  write(record: object): void
}

export interface LogOptions {
  now(): Date
  onLost(why: string): void
}

/** `$XDG_STATE_HOME/kubestrap/logs`, or below ~/.local/state as the XDG specification has it. */
export function logDirectory(env: NodeJS.ProcessEnv, home: string): string {
  // a relative path is to be ignored (XDG Base Directory Specification)
  const state = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(home, '.local', 'state')
  return join(state, 'kubestrap', 'logs')
}

/**
 * A new log in this directory, named after the moment and the command; the oldest beyond a hundred go.
 * Throws the system's error when it cannot be made.
 */
export function newLogFile(directory: string, command: string, options: LogOptions): LogFile {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const stamp = options.now().toISOString().replaceAll(':', '-')
  const log = openLogFile(join(directory, `${stamp}-${command}.log`), options)
  const logs = readdirSync(directory).filter((name) => /^\d{4}-\d\d-\d\dT[\d.-]+Z-.*\.log$/.test(name))
  for (const name of logs.sort().slice(0, -kept)) rmSync(join(directory, name), { force: true })
  return log
}

/**
 * A log at this path, after what stands there already. Written at once, so that a crash loses nothing.
 * Throws the system's error when it cannot be opened.
 */
export function openLogFile(path: string, { now, onLost }: LogOptions): LogFile {
  const file = openSync(path, 'a', 0o600)
  // also when it was there with other rights; a device's are not ours to change
  if (fstatSync(file).isFile()) fchmodSync(file, 0o600)
  let open = true
  return {
    path,
    write: (record) => {
      if (!open) return
      try {
        writeSync(file, `${shownJson({ time: now().toISOString(), ...record })}\n`)
      } catch (error) {
        if (!isSystemError(error)) throw error
        open = false
        onLost(error.message)
      }
    },
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}
