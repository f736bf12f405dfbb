import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../lib/errors.js'
import type { Report } from './report.js'

/** Holds the lock and says so; ends, and with it the lock, when its standard input does: also when this process is killed. */
const holder = ['sh', '-c', 'echo held; cat >/dev/null']
const patienceMs = 500

/**
 * Does work that no other process may do at the same time, on this machine. What makes something in the
 * cache works in one directory of a fixed name, so two at once would take it from under each other.
 * Waits as long as the other one works; the kernel frees the lock of one that was killed.
 * @param path what is being made; the lock is a file beside it
 * @throws UserError('preflight') when there is no `flock` (util-linux)
 */
export async function alone<T>(path: string, report: Report, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  const child = spawn('flock', ['--exclusive', `${path}.lock`, ...holder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const told = setTimeout(() => report(`waiting for another run that makes ${path}`), patienceMs)
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (why: string): void =>
        reject(new UserError('preflight', `cannot lock ${path}.lock`, { why }))
      child.once('error', ({ message }) => failed(message))
      child.once('exit', (code) => failed(`flock ended with ${code}`))
      child.stdout.once('data', () => resolve())
    }).finally(() => clearTimeout(told))
    return await work()
  } finally {
    child.stdin.destroy()
  }
}
