import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import type { Client, ClientChannel } from 'ssh2'
import type { HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { collector, feed } from '../collect.js'
import type { Command, Connection, Outcome } from '../connection.js'
import { type Become, commandLine, header, outcomeOf } from '../wire.js'
import { dial } from './dial.js'
import { Sessions } from './sessions.js'

/** sshd refuses the 11th session of a connection (MaxSessions 10); two are left for others. */
const sessionsAtOnce = 8

/** How long after its remote deadline a command may stay silent before the transport counts as lost. */
const graceMs = 15_000

/** How long an ended connection may take to say goodbye. */
const lingerMs = 500

export interface SshOptions {
  become: Become
  /** SSH_AUTH_SOCK, when set. */
  agent?: string
}

/**
 * One SSH connection to a host, dialled when first needed and again after it dropped; commands that
 * were under way then are `lost`.
 */
export function sshConnection(host: HostSpec, options: SshOptions): Connection {
  const limit = pLimit(sessionsAtOnce)
  const sessions = new Sessions()
  let current: Promise<Client> | undefined
  const client = (): Promise<Client> => {
    current ??= dial(host, options.agent).then(
      (ready) => {
        ready.once('close', () => {
          current = undefined
        })
        return ready
      },
      (error: unknown) => {
        current = undefined
        throw error
      },
    )
    return current
  }
  return {
    description: `${host.ssh.user}@${host.address}:${host.ssh.port}`,
    run: (command) => limit(async () => exec(await client(), sessions, command, options.become)),
    openTcp: async (address, port) => openTcp(await client(), host, address, port),
    close: async () => {
      const open = await current?.catch(() => undefined)
      current = undefined
      open?.end()
      // sshd waits for forwarded streams whose data nobody took; we do not
      setTimeout(() => open?.destroy(), lingerMs).unref()
    },
  }
}

async function exec(client: Client, sessions: Sessions, command: Command, become: Become): Promise<Outcome> {
  let channel: ClientChannel
  try {
    channel = await sessions.start(client, commandLine(become))
  } catch (error) {
    return { kind: 'lost', reason: error instanceof Error ? error.message : String(error) }
  }
  const output = collector(command)
  channel.on('data', output.stdout)
  channel.stderr.on('data', output.stderr)
  const ended = new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => {
      channel.destroy()
      resolve(`no answer ${graceMs / 1000} s after the deadline`)
    }, command.timeoutMs + graceMs)
    channel.once('close', () => {
      clearTimeout(timer)
      resolve('the connection closed')
    })
  })
  const fed = feed(channel, header(command, become), command.stdin)
  const [lost] = await Promise.all([ended, fed])
  if (output.overflowed()) return { kind: 'lost', reason: 'the command said more than may be kept' }
  return outcomeOf({ ...output.result(), ...(lost ? { lost } : {}) })
}

function openTcp(client: Client, host: HostSpec, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
      if (!error) return resolve(stream)
      reject(
        new UserError('connection', `cannot reach ${address}:${port} through ${host.name}`, {
          host: host.name,
          why: error.message,
          cause: error,
        }),
      )
    })
  })
}
