import type { Duplex } from 'node:stream'
import pLimit from 'p-limit'
import type { Client } from 'ssh2'
import type { HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import type { Connection } from '../connection.js'
import type { Operator } from '../operator.js'
import { checkSudo, sudoCheckMs } from '../sudo-check.js'
import { type Become, commandLine, header } from '../wire.js'
import { execute } from './channel.js'
import { dial } from './dial.js'
import { Relays } from './relays.js'
import { Sessions } from './sessions.js'
import { isProhibited } from './transport.js'

/** sshd refuses the 11th session of a connection (MaxSessions 10); two are left for others. */
const sessionsAtOnce = 8

/** How long an ended connection may take to say goodbye. */
const lingerMs = 500

export interface SshOptions {
  /** How to become root; asked for when the connection is made. */
  become: () => Promise<Become>
  operator: Operator
}

interface Ready {
  client: Client
  become: Become
}

/**
 * One SSH connection to a host, dialled when first needed and again after it dropped; commands that
 * were under way then are `lost`. Once sshd has refused to forward, TCP streams go by a program on the
 * host.
 */
export function sshConnection(host: HostSpec, { become, operator }: SshOptions): Connection {
  const limit = pLimit(sessionsAtOnce)
  const sessions = new Sessions()
  const dialled = (): Promise<Client> => dial(host, host.ssh, operator)
  let current: Promise<Ready> | undefined
  let relays: Relays | undefined

  const connect = async (): Promise<Ready> => {
    const how = await become()
    const client = await dialled()
    client.once('close', () => {
      current = undefined
    })
    try {
      await checkSudo(host.name, how, (line, input) =>
        execute(sessions.start(client, line), input, { script: '', timeoutMs: sudoCheckMs }),
      )
    } catch (error) {
      client.end()
      throw error
    }
    return { client, become: how }
  }
  const ready = (): Promise<Ready> => {
    current ??= connect().catch((error: unknown) => {
      current = undefined
      throw error
    })
    return current
  }

  return {
    description: `${host.ssh.user}@${host.ssh.host}:${host.ssh.port}`,
    run: (command) =>
      limit(async () => {
        const { client, become: how } = await ready()
        return execute(sessions.start(client, commandLine(how)), header(command, how), command)
      }),
    openTcp: async (address, port) => {
      const { client } = await ready()
      if (relays) return relays.open(address, port)
      try {
        return await forward(client, address, port)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        if (!isProhibited(error))
          throw new UserError('connection', `cannot reach ${address}:${port} through ${host.name}`, {
            host: host.name,
            why: error.message,
            cause: error,
          })
        relays ??= new Relays(host.name, dialled)
        return relays.open(address, port)
      }
    },
    close: async () => {
      const open = await current?.catch(() => undefined)
      current = undefined
      relays?.close()
      relays = undefined
      open?.client.end()
      // sshd waits for forwarded streams whose data nobody took; we do not
      setTimeout(() => open?.client.destroy(), lingerMs).unref()
    },
  }
}

function forward(client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
      if (error) reject(error)
      else resolve(stream)
    })
  })
}
