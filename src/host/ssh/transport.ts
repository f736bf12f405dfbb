import { spawn } from 'node:child_process'
import { createConnection } from 'node:net'
import { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { UserError } from '../../lib/errors.js'
import { redact } from '../../lib/secret.js'
import { unlessAborted } from '../../lib/unless-aborted.js'
import type { SshSpec } from '../ssh-spec.js'
import { within } from './opened-within.js'

const deadlineMs = 10_000
/** A host may need its own TCP timeout to find out that nobody answers there; nobody here waits for that. */
const forwardMs = 15_000
/** How long a ProxyCommand may take to end once its streams are closed. */
const commandGraceMs = 2_000

/** Whose connection it is, for messages. */
export interface Named {
  name: string
  /** Where it stands in the inventory. */
  at: string
}

/** Nothing answers there at all: the host is off, or the way to it is not there. */
export class HostSilent extends UserError {}

/** What the kernel says of a host that does not answer, sooner (no ARP answer) or later. */
const silence = ['EHOSTUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']

/** Always the same words: whether the kernel gave up first or we did depends on how long the host has been off. */
const noAnswer = (host: Named, address: string, port: number, cause?: Error): HostSilent =>
  new HostSilent('connection', `${address}:${port} does not answer`, {
    host: host.name,
    why: 'no TCP connection could be opened',
    next: `is the host up, the address right (${host.at}), a firewall in between, or a bastion needed (ssh.jump)?`,
    ...(cause ? { cause } : {}),
  })

/**
 * Bytes to the port of sshd, straight.
 * @param withinMs how long the connection may take to come about
 * Throws UserError('connection'), of class HostSilent when nobody is there.
 */
export function tcp(
  host: Named,
  { host: address, port }: SshSpec,
  signal: AbortSignal,
  withinMs: number = deadlineMs,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    // small packets wait for nothing: saves about 40 ms a command
    const socket = createConnection({ host: address, port, noDelay: true })
    const aborted = (): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', aborted, { once: true })
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', aborted)
      socket.destroy()
      reject(noAnswer(host, address, port))
    }, withinMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      resolve(socket)
    })
    socket.once('error', (error) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      const code = 'code' in error ? String(error.code) : ''
      if (silence.includes(code)) return reject(noAnswer(host, address, port, error))
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
              ? 'check that sshd runs on the host, and on this port (ssh.port)'
              : nameless
                ? `the name does not resolve: check the name (${host.at}), or name the SSH configuration with the alias (ssh.config)`
                : `check the address (${host.at})`,
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
  signal: AbortSignal,
): Promise<Duplex> {
  const bastion = `${via.user}@${via.host}:${via.port}`
  return unlessAborted(signal, forward(client, address, port)).catch((error: unknown) => {
    if (signal.aborted || !(error instanceof Error)) throw error
    throw new UserError('connection', `cannot reach ${address}:${port} through the bastion ${bastion}`, {
      host: host.name,
      why: error.message,
      next: isProhibited(error)
        ? `its sshd_config denies forwarding: set AllowTcpForwarding yes (or local), PermitOpen any or ${address}:${port}`
        : `check that the bastion reaches the host; on ${bastion}: nc -zv ${address} ${port}`,
      cause: error,
    })
  })
}

/**
 * A TCP stream opened by the host at the other end. Throws an Error when the host refuses, does not answer, or
 * the connection ends.
 */
export function forward(client: Client, address: string, port: number): Promise<Duplex> {
  const opening = new Promise<ClientChannel>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
      if (error) reject(error)
      else resolve(stream)
    })
  })
  const what = `the SSH server did not open a connection to ${address}:${port}`
  return within(forwardMs, what, opening, (late) => late.destroy())
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
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid, name)
    } catch {
      // it ended by itself meanwhile
    }
  }
  stream.once('close', () => {
    signal('SIGTERM')
    // one that does not care would keep this process alive
    const timer = setTimeout(() => signal('SIGKILL'), commandGraceMs)
    child.once('exit', () => clearTimeout(timer))
  })
  return { stream, said: () => redact(`${host.name}: ProxyCommand ${line}\n${words}`.trim()) }
}
