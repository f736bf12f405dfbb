import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** An event of a run, in part; see docs/reference/events.md. */
export interface Told {
  type: string
  text?: string
  status?: string
  step?: { key: string }
}

export interface WatchedRun {
  pid: number
  /** The first event that is so, now or later. Rejects with what the run said when it ends without one. */
  until(is: (event: Told) => boolean): Promise<Told>
  /** Whether it still runs. */
  running(): boolean
  /** SIGKILL. */
  kill(): void
  /** `said` is what it printed, events and errors. */
  ended: Promise<{ code: number | null; said: string; events: readonly Told[] }>
}

/**
 * Starts kubestrap with `--output json`, beside whatever else runs, and tells what it tells.
 * @param home HOME of it: no file of another run's user is its own
 */
export function watchedRun(args: readonly string[], home: string): WatchedRun {
  const child = spawn(process.execPath, ['bin/kubestrap.js', ...args, '--output', 'json'], {
    cwd: root,
    env: { ...process.env, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: Told[] = []
  let said = ''
  const asked = new Set<() => void>()
  let code: number | null | undefined
  const look = (): void => {
    for (const one of asked) one()
  }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  eachEvent(child.stdout, (event) => {
    events.push(event)
    look()
  })
  const ended = new Promise<{ code: number | null; said: string; events: readonly Told[] }>((resolve) => {
    child.once('close', (status) => {
      code = status
      look()
      resolve({ code: status, said, events })
    })
  })
  return {
    pid: child.pid ?? 0,
    running: () => code === undefined,
    kill: () => void child.kill('SIGKILL'),
    ended,
    until: (is) =>
      new Promise((resolve, reject) => {
        const ask = (): void => {
          const found = events.find(is)
          if (found) resolve(found)
          else if (code !== undefined) reject(new Error(`it ended with ${code}:\n${said}`))
          else return
          asked.delete(ask)
        }
        asked.add(ask)
        ask()
      }),
  }
}

/** Calls `tell` with each event of a run's standard output, as it comes. */
export function eachEvent(stream: Readable, tell: (event: Told) => void): void {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) tell(JSON.parse(line))
  })
}
