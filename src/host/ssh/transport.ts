import { spawn } from 'node:child_process'
import { createConnection } from 'node:net'
import { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { SshSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { redact } from '../../lib/secret.js'

const deadlineMs = 10_000

/** Whose connection it is, for messages. */
export interface Named {
  name: string
  /** Where it stands in the inventory. */
  at: string
}

/** Bytes to the port of sshd, straight. Throws UserError('connection'). */
export function tcp(host: Named, { host: address, port }: SshSpec): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    // small packets wait for nothing: saves about 40 ms a command
    const socket = createConnection({ host: address, port, noDelay: true })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(
        new UserError('connection', `${address}:${port} does not answer`, {
          host: host.name,
          why: `no TCP connection within ${deadlineMs / 1000} s`,
          next: 'is the machine up, the address right, a firewall in between, or a bastion needed (ssh.jump)?',
        }),
      )
    }, deadlineMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      const code = 'code' in error ? error.code : undefined
      const refused = code === 'ECONNREFUSED'
      const nameless = code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      reject(
        new UserError(
          'connection',
          refused ? `${address}:${port} refuses connections` : `cannot reach ${address}:${port}`,
          {
            host: host.name,
            why: error.message,
            next: refused
              ? 'does sshd run there, and on this port (ssh.port)?'
              : nameless
                ? `no such name from here: is it an alias of another SSH configuration (ssh.config), or mistyped (${host.at})?`
                : `is the address right (${host.at})?`,
            cause: error,
          },
        ),
      )
    })
  })
}

/** Bytes to the port of sshd as a bastion reaches it. Throws UserError('connection'). */
export function throughBastion(
  host: Named,
  { host: address, port }: SshSpec,
  via: SshSpec,
  client: Client,
): Promise<Duplex> {
  const bastion = `${via.user}@${via.host}:${via.port}`
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
      if (!error) return resolve(stream)
      reject(
        new UserError('connection', `cannot reach ${address}:${port} through the bastion ${bastion}`, {
          host: host.name,
          why: error.message,
          next: isProhibited(error)
            ? `its sshd_config forbids it: AllowTcpForwarding yes (or local), PermitOpen any or ${address}:${port}`
            : `does the bastion reach it? on ${bastion}: nc -zv ${address} ${port}`,
          cause: error,
        }),
      )
    })
  })
}

/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1): sshd will not forward, wherever to. */
export function isProhibited(error: Error): boolean {
  return 'reason' in error && error.reason === 1
}

/** Input and output of a command (ProxyCommand). The command ends with the stream. */
export function command(host: Named, line: string): { stream: Duplex; said: () => string } {
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
  stream.on('error', () => {})
  child.once('error', (error) => stream.destroy(error))
  child.once('exit', () => stream.destroy())
  stream.once('close', () => {
    if (child.pid !== undefined && child.exitCode === null) {
      try {
        process.kill(-child.pid, 'SIGTERM')
      } catch {
        // it ended by itself meanwhile
      }
    }
  })
  return { stream, said: () => redact(`${host.name}: ProxyCommand ${line}\n${words}`.trim()) }
}
