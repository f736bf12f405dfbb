import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import type { ClientChannel } from 'ssh2'
import { UserError } from '../../lib/errors.js'
import { unlessAborted } from '../../lib/unless-aborted.js'
import type { Command, Connection, Outcome } from '../connection.js'
import type { Operator } from '../operator.js'
import type { ReachedHost } from '../ssh-spec.js'
import { checkSudo, sudoCheckMs } from '../sudo-check.js'
import { type Become, commandLine, header } from '../wire.js'
import { execute } from './channel.js'
import { dial } from './dial.js'
import type { Link } from './link.js'
import { Relays } from './relays.js'
import { Sessions } from './sessions.js'
import { forward, isProhibited } from './transport.js'

/** sshd refuses the 11th session of a connection (MaxSessions 10); two are left for others. */
const sessionsAtOnce = 8

export interface SshOptions {
  /** How to become root; asked for when the connection is made. */
  become: () => Promise<Become>
  operator: Operator
}

interface Ready {
  link: Link
  become: Become
}

/**
 * One SSH connection to a host, dialled when first needed and again after it dropped; commands that
 * were under way then are `lost`. Once sshd has refused to forward, TCP streams go by a program on the
 * host. After `close` nothing is dialled any more, and what was being dialled ends.
 */
export function sshConnection(host: ReachedHost, { become, operator }: SshOptions): Connection {
  const limit = pLimit(sessionsAtOnce)
  const sessions = new Sessions()
  const closing = new AbortController()
  const { signal } = closing
  // as many as there are commands and streams wait for it
  setMaxListeners(0, signal)
  const dialled = (): Promise<Link> => dial(host, host.ssh, operator, signal)
  let current: Promise<Ready> | undefined
  let relays: Relays | undefined
  let hostKey: Buffer | undefined

  const connect = async (): Promise<Ready> => {
    const how = await unlessAborted(signal, become())
    const link = await dialled()
    hostKey = link.hostKey
    const { client } = link
    client.once('close', () => {
      current = undefined
    })
    try {
      signal.throwIfAborted()
      await checkSudo(host.name, how, (line, input) =>
        execute((giveUpAt) => sessions.start(client, line, giveUpAt), input, {
          script: '',
          timeoutMs: sudoCheckMs,
        }),
      )
      signal.throwIfAborted()
    } catch (error) {
      link.end()
      throw error
    }
    return { link, become: how }
  }
  const ready = (): Promise<Ready> => {
    if (signal.aborted) return Promise.reject(signal.reason)
    current ??= connect().catch((error: unknown) => {
      current = undefined
      throw error
    })
    return current
  }

  const stand = async (command: Command): Promise<Outcome> => {
    const { link, become: how } = await ready()
    const on = async (one: Link, opened: Sessions): Promise<Outcome> => {
      let channel: ClientChannel | undefined
      const outcome = await execute(
        async (giveUpAt) => {
          channel = await opened.start(one.client, commandLine(how), giveUpAt, true)
          return channel
        },
        header(command, how),
        command,
      )
      return channel && opened.gaveWay(channel)
        ? { kind: 'lost', reason: 'its session made room for another command' }
        : outcome
    }
    if (!sessions.full) return on(link, sessions)
    const own = await dialled()
    try {
      return await on(own, new Sessions())
    } finally {
      own.end()
    }
  }

  return {
    description: `${host.ssh.user}@${host.ssh.host}:${host.ssh.port}`,
    run: (command) =>
      command.standing
        ? stand(command)
        : limit(async () => {
            const { link, become: how } = await ready()
            const line = commandLine(how)
            return execute(
              (giveUpAt) => sessions.start(link.client, line, giveUpAt),
              header(command, how),
              command,
            )
          }),
    openTcp: async (address, port) => {
      const { link } = await ready()
      if (relays) return relays.open(address, port)
      try {
        return await forward(link.client, address, port)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (!isProhibited(error))
          throw new UserError('connection', `cannot reach ${address}:${port} through ${host.name}`, {
            host: host.name,
            why: error.message,
            cause: error,
          })
        signal.throwIfAborted()
        relays ??= new Relays(host.name, dialled)
        return relays.open(address, port)
      }
    },
    hostKey: () => hostKey,
    close: async () => {
      const open = current
      closing.abort(new UserError('connection', 'the connection was closed', { host: host.name }))
      current = undefined
      relays?.close()
      relays = undefined
      open?.then(
        ({ link }) => link.end(),
        () => {},
      )
    },
  }
}
