import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
 * @param settings further lines of sshd_config
 */
export async function startSshd(files: SshFiles, settings: readonly string[] = []): Promise<SshServer> {
  const port = await freePort()
  // where sshd locks its unprivileged half in; only the system's service makes it
  const made = mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const config = files.path('sshd_config')
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${files.host}`,
      `AuthorizedKeysFile ${files.path('authorized_keys')}`,
      'AuthenticationMethods publickey',
      'PermitRootLogin prohibit-password',
      'StrictModes no', // the files lie below /tmp
      'UsePAM no',
      'PidFile none',
      ...settings,
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
    drop: async () => {
      killChildren(sshd.pid)
    },
    stop: () =>
      new Promise<void>((resolve) => {
        killChildren(sshd.pid)
        sshd.once('exit', () => {
          if (made) rmSync(made, { recursive: true })
          resolve()
        })
        sshd.kill()
      }),
  }
}

/** Ends the processes that serve one connection each; one that has just ended by itself is no error. */
function killChildren(pid: number | undefined): void {
  if (pid === undefined) return
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  for (const child of children) {
    try {
      process.kill(Number(child), 'SIGKILL')
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
