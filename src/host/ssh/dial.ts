import { createConnection, type Socket } from 'node:net'
import pLimit from 'p-limit'
import type { Client } from 'ssh2'
import type { HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { credentials } from './credentials.js'
import { HostKeys } from './host-keys.js'

/** sshd starts to drop unauthenticated connections at the 11th (MaxStartups 10:30:100). */
const dialsAtOnce = pLimit(8)

const tcpDeadlineMs = 10_000
const handshakeDeadlineMs = 20_000

/**
 * An authenticated SSH connection to a host whose key was checked.
 * Throws UserError('connection') that says which part failed: name, port, key, login.
 */
export function dial(host: HostSpec, agent: string | undefined): Promise<Client> {
  return dialsAtOnce(async () => {
    const { default: ssh2 } = await import('ssh2')
    const [keys, login] = await Promise.all([
      HostKeys.read(host.name, host.address, host.ssh),
      credentials(host.name, host.ssh, agent),
    ])
    const socket = await tcp(host)
    const client = new ssh2.Client()
    return await new Promise<Client>((resolve, reject) => {
      client.once('ready', () => {
        client.removeAllListeners('error')
        // an error after this is followed by 'close', which is what the connection listens to
        client.on('error', () => {})
        resolve(client)
      })
      client.once('error', (error: Error & { level?: string }) => {
        client.destroy()
        reject(keys.refusal ?? loginError(host, error, login.tried))
      })
      client.connect({
        sock: socket,
        username: host.ssh.user,
        authHandler: login.handler,
        hostVerifier: (key: Buffer, verify: (ok: boolean) => void) => {
          keys.accept(key).then(verify, () => verify(false))
        },
        algorithms: { serverHostKey: keys.algorithms() as never },
        readyTimeout: handshakeDeadlineMs,
        keepaliveInterval: 10_000,
        keepaliveCountMax: 3,
      })
    })
  })
}

function tcp(host: HostSpec): Promise<Socket> {
  const { address, ssh } = host
  return new Promise((resolve, reject) => {
    // small packets wait for nothing: saves about 40 ms a command
    const socket = createConnection({ host: address, port: ssh.port, noDelay: true })
    const timer = setTimeout(() => {
      socket.destroy()
      reject(
        new UserError('connection', `${address}:${ssh.port} does not answer`, {
          host: host.name,
          why: `no TCP connection within ${tcpDeadlineMs / 1000} s`,
          next: 'is the machine up, the address right, a firewall in between?',
        }),
      )
    }, tcpDeadlineMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      const refused = 'code' in error && error.code === 'ECONNREFUSED'
      reject(
        new UserError(
          'connection',
          refused ? `${address}:${ssh.port} refuses connections` : `cannot reach ${address}:${ssh.port}`,
          {
            host: host.name,
            why: error.message,
            next: refused
              ? 'does sshd run there, and on this port (ssh.port)?'
              : `is the address right (${host.at})?`,
            cause: error,
          },
        ),
      )
    })
  })
}

function loginError(host: HostSpec, error: Error & { level?: string }, tried: readonly string[]): UserError {
  const { user } = host.ssh
  const where = `${host.address}:${host.ssh.port}`
  if (error.level === 'client-authentication')
    return new UserError('connection', `${where} does not let ${user} in`, {
      host: host.name,
      why: `tried: ${tried.join(', ')}`,
      next: `add the public key to ~${user}/.ssh/authorized_keys there, or name another key (ssh.key) or user (ssh.user)`,
      cause: error,
    })
  return new UserError('connection', `SSH with ${where} failed`, {
    host: host.name,
    why: error.message,
    next: `try: ssh -v -p ${host.ssh.port} ${user}@${host.address} true`,
    cause: error,
  })
}
