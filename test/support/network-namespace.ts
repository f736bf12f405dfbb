import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { Host } from '../../src/host/host.js'
import { environment, firstProcess } from './simulated/namespaces.js'

/** A network namespace of its own, with nothing in it; what runs in it sees this machine's files. */
export interface NetworkNamespace {
  /** Path for those that are told one: "/proc/4711/ns/net". */
  path: string
  /** Runs a script in it; its standard output. Throws unless it exits 0. */
  sh(script: string, args?: readonly string[], stdin?: string): string
  /** As steps see a host: questions and changes, nothing else. */
  host: Host
  remove(): void
}

/** Why there can be none here; undefined when there can. */
export function whyNoNamespaces(...programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'not root'
  const missing = programs.filter(
    (one) => spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', one], { env: environment }).status !== 0,
  )
  if (missing.length > 0) return `no ${missing.join(', ')}`
  return spawnSync('unshare', ['-n', 'true']).status === 0 ? undefined : 'no network namespaces'
}

export async function networkNamespace(name = 'n1'): Promise<NetworkNamespace> {
  const holder: ChildProcess = spawn(
    'unshare',
    ['-n', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 600'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const pid = await firstProcess(holder, 0)
  const run = (script: string, args: readonly string[] = [], stdin = '') =>
    spawnSync('nsenter', ['-t', String(pid), '-n', '/bin/sh', '-c', script, 'sh', ...args], {
      input: stdin,
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    })
  const exited = (ran: ReturnType<typeof run>) => ({
    kind: 'exited' as const,
    code: ran.status ?? 255,
    stdout: ran.stdout,
    stderr: ran.stderr.toString(),
  })
  const not = (): never => {
    throw new Error('a network namespace is no whole host')
  }
  return {
    path: `/proc/${pid}/ns/net`,
    sh: (script, args, stdin) => {
      const ran = run(script, args, stdin)
      if (ran.status !== 0) throw new Error(`exit ${ran.status}: ${ran.stderr}${ran.stdout}`)
      return ran.stdout.toString()
    },
    host: {
      name,
      connection: { description: name, run: not, openTcp: not, close: async () => {} },
      roundTrips: 0,
      read: async ({ script, args }) => exited(run(script, args)),
      mutate: async ({ script, args, stdin }) => {
        const done = exited(run(script, args, typeof stdin === 'string' ? stdin : ''))
        if (done.code !== 0) throw new Error(`exit ${done.code}: ${done.stderr}`)
        return done
      },
      stat: not,
      write: not,
      upload: not,
      pipe: not,
      atWork: not,
      takeOver: not,
      takeOverLater: not,
      takeOverAgain: not,
      hold: not,
      letGo: async () => {},
      close: async () => {},
      closed: false,
    },
    remove: () => {
      holder.kill('SIGKILL')
    },
  }
}
