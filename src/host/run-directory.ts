import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'

/** A directory of this computer for what must not outlive the run: a key, and the processes that use it. */
export interface RunDirectory {
  /** Its owner alone may enter. */
  path: string
  /** From now on the processes of this group end with the run, however it ends. */
  watch(group: number): void
  /** Removes it. The processes of the group have ended, or are none of the run's any more. */
  remove(): Promise<void>
}

// Reads until the run closes its input, which the kernel does for one that was killed. The last word counts: a group, or
// "-" for none.
const guardScript = `
group=
while read -r word; do group=$word; done
case $group in ''|-) ;; *) kill -s KILL -- "-$group" ;; esac
rm -rf -- "$1"
`

/** How long removing may take. */
const removeMs = 10_000

/**
 * Makes such a directory, in memory where the system has a place for it ($XDG_RUNTIME_DIR, a tmpfs of the user's). A
 * process of its own watches the run: when that ends without having removed the directory (a second Ctrl-C, SIGKILL, a
 * bug), it kills the group and removes the directory. Throws UserError('step').
 */
export async function openRunDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunDirectory> {
  const path = await made(environment.XDG_RUNTIME_DIR)
  // a session of its own: neither the terminal's Ctrl-C nor its end reaches it
  const guard = spawn('/bin/sh', ['-c', guardScript, 'sh', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: environment.PATH },
  })
  guard.stdin.on('error', () => {})
  const started = new Promise<void>((resolve, reject) => {
    guard.once('spawn', resolve)
    guard.once('error', reject)
  })
  try {
    await started
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw cannot(error)
  }
  return {
    path,
    watch: (group) => guard.stdin.write(`${group}\n`),
    remove: async () => {
      guard.stdin.end('-\n')
      await ended(guard)
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function made(runtime: string | undefined): Promise<string> {
  const inMemory = runtime ? await mkdtemp(join(runtime, 'kubestrap-')).catch(() => undefined) : undefined
  try {
    return inMemory ?? (await mkdtemp(join(tmpdir(), 'kubestrap-')))
  } catch (error) {
    throw cannot(error)
  }
}

const cannot = (error: unknown): UserError =>
  new UserError('step', 'cannot create a directory for the run on this computer', {
    why: messageOf(error),
    next: 'set TMPDIR to a directory that you may write to',
    cause: error,
  })

function ended(guard: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (guard.exitCode !== null || guard.signalCode !== null) return resolve()
    const timer = setTimeout(resolve, removeMs)
    guard.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
