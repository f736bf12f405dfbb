import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { SshFiles } from './ssh-files.js'
import type { SshServer } from './ssh-server.js'

const program = '/usr/sbin/sshd'

/** Why a real sshd cannot be started here; undefined when it can. */
export function noSshd(): string | undefined {
  if (!existsSync(program)) return `${program} is not installed (openssh-server)`
  if (process.getuid?.() !== 0) return 'sshd logs root in, and needs to be started by root'
  return undefined
}

/**
 * OpenSSH's server with its own configuration on a free port of 127.0.0.1; the system's is not touched.
 * @param more lines of sshd_config, which win over the usual ones
 */
export async function startSshd(
  files: SshFiles,
  more: readonly string[] = [],
): Promise<SshServer & { connections(): number; signal(name: NodeJS.Signals): void }> {
  const port = await freePort()
  // where sshd locks its unprivileged half in; only the system's service makes it. It stays: another
  // test's sshd may need it
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const config = files.path(`sshd_config-${port}`)
  writeFileSync(
    config,
    [
      ...more, // the first value counts
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${files.host}`,
      `AuthorizedKeysFile ${files.path('authorized_keys')}`,
      'AuthenticationMethods publickey',
      'PermitRootLogin prohibit-password',
      'StrictModes no', // the files lie below /tmp
      'UsePAM no',
      'PidFile none',
      '',
    ].join('\n'),
  )
  const sshd = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  sshd.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  await answering(port, sshd, () => log)
  return {
    port,
    connections: () => childrenOf(sshd.pid).length,
    signal: (name) => sshd.kill(name),
    drop: async () => killChildren(sshd.pid),
    stop: () =>
      new Promise<void>((resolve) => {
        killChildren(sshd.pid)
        sshd.once('exit', () => resolve())
        sshd.kill()
      }),
  }
}

/** The processes that serve one connection each. */
function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return []
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

/** Ends them; one that has just ended by itself is no error. */
function killChildren(pid: number | undefined): void {
  for (const child of childrenOf(pid)) {
    try {
      process.kill(child, 'SIGKILL')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

async function answering(port: number, sshd: ChildProcess, log: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (sshd.exitCode !== null) throw new Error(`sshd ended: ${log()}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`sshd does not listen: ${log()}`)
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
