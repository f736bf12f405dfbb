import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Program {
  path: string
  args: readonly string[]
  /** All of its environment. */
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  /** Told of its output as it comes, both streams. */
  onOutput(chunk: Buffer): void
  /** Told of the process group it leads, as soon as it runs. */
  onStart?(group: number): void
  /** Stops it when aborted. */
  signal: AbortSignal
  /** How long it may run, ms. */
  timeoutMs: number
  /** How long it may show no sign of life, ms: see `Running.alive`. Default as long as it may run. */
  silenceMs?: number
  /** After SIGTERM, until each further signal: SIGTERM again, and SIGKILL to its group. Default 45 s, 30 s. */
  graceMs?: readonly [number, number]
}

export type WhyStopped = 'interrupted' | 'timeout' | 'silence'

export interface ProgramEnd {
  /** Exit code; undefined when a signal ended it. */
  code: number | undefined
  signal: string | undefined
  /** Why it was stopped from here; undefined: it ended by itself. */
  stopped: WhyStopped | undefined
}

export interface Running {
  /** It shows a sign of life otherwise than by output. */
  alive(): void
  /** Rejects when it cannot be started. */
  ended: Promise<ProgramEnd>
}

const grace = [45_000, 30_000] as const
/** Between the end of a program and that of its output, which a process it left behind may hold. */
const outputMs = 2_000

/**
 * Starts a program of this computer as leader of a process group, without a terminal and without input. It always ends: by
 * itself, at its deadline, when it shows no sign of life, or when the signal is aborted; what it leaves in its group is
 * killed.
 */
export function runProgram(program: Program): Running {
  const { signal, timeoutMs, silenceMs = timeoutMs, graceMs = grace } = program
  const child = spawn(program.path, program.args, {
    cwd: program.cwd,
    env: program.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stopped: WhyStopped | undefined
  const timers = new Set<NodeJS.Timeout>()
  const after = (ms: number, act: () => void): NodeJS.Timeout => {
    const timer = setTimeout(act, ms)
    timers.add(timer)
    return timer
  }
  const stop = (why: WhyStopped): void => {
    if (stopped !== undefined) return
    stopped = why
    // the program alone: it ends what it has started, and tidies up
    child.kill('SIGTERM')
    after(graceMs[0], () => child.kill('SIGTERM'))
    after(graceMs[0] + graceMs[1], () => killGroup(child))
  }
  const silence = after(silenceMs, () => stop('silence'))
  const alive = (): void => {
    silence.refresh()
  }
  after(timeoutMs, () => stop('timeout'))
  const interrupted = (): void => stop('interrupted')
  const heard = (chunk: Buffer): void => {
    alive()
    program.onOutput(chunk)
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const exited = new Promise<Omit<ProgramEnd, 'stopped'>>((resolve, reject) => {
    child.once('error', (error) => {
      if (child.pid === undefined) reject(error)
    })
    child.once('exit', (code, name) => resolve({ code: code ?? undefined, signal: name ?? undefined }))
  })
  if (child.pid !== undefined) program.onStart?.(child.pid)
  if (signal.aborted) interrupted()
  signal.addEventListener('abort', interrupted, { once: true })
  const tidy = (): void => {
    signal.removeEventListener('abort', interrupted)
    for (const timer of timers) clearTimeout(timer)
  }
  const end = async (): Promise<ProgramEnd> => {
    try {
      const how = await exited
      killGroup(child)
      await Promise.race([closed, sleep(outputMs, undefined, { ref: false })])
      child.stdout.destroy()
      child.stderr.destroy()
      return { ...how, stopped }
    } finally {
      tidy()
    }
  }
  return { alive, ended: end() }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // nothing is left of it
  }
}
