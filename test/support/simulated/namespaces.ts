import { type ChildProcess, spawn } from 'node:child_process'
import { childrenOf } from '../../../src/lab/nspawn/process.js'

/**
 * The process id, as seen from here, of what a chain of `generations` unshare and nsenter ended up
 * starting; waits for its word "ready". Rejects with what it said when it ends instead.
 */
export async function firstProcess(starter: ChildProcess, generations: number): Promise<number> {
  let said = ''
  starter.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await new Promise<void>((resolve, reject) => {
    starter.stdout?.once('data', () => resolve())
    starter.once('error', reject)
    starter.once('close', (code) => reject(new Error(`a namespace did not start (exit ${code}): ${said}`)))
  })
  let pid = starter.pid
  for (let i = 0; i < generations && pid !== undefined; i += 1) pid = (await childrenOf(pid))[0]
  if (pid === undefined) throw new Error('a namespace has no process')
  return pid
}

/** Arguments of nsenter that lead into a host: its root, its processes, its network. */
export const entering = (pid: number): string[] => [
  '-t',
  String(pid),
  '--mount',
  '--uts',
  '--ipc',
  '--net',
  '--pid',
  '--root',
  '--wd',
  '--',
]

/** Environment of everything that runs on a host; the shims stand in front. */
export const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
}

/** Runs a program of this machine to its end. Throws with its words unless it exits 0. */
export function must(program: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe', env: environment })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${program} ${args.join(' ')}: exit ${code}: ${err}${out}`)),
    )
  })
}
