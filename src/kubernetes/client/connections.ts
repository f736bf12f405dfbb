import { Agent } from 'node:https'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Turns } from '../../lib/turns.js'

/** Connections at a time: each is a channel of one SSH connection, of which sshd allows ten. */
const most = 4
/** How long somebody may take to open a stream; nobody is waited for longer. */
const openMs = 30_000
/** An API server that is there shakes hands in milliseconds; one that hangs must not keep its place. */
const handshakeMs = 10_000
/** How long the other side may take to agree that a stream is closed. */
const closeMs = 1_000

/** How a server is known. */
export interface Trust {
  tls: ConnectionOptions
  /** Called with a certificate (DER) that TLS does not accept, before anything is sent; throws to refuse it. */
  accept?(raw: Buffer): void
}

interface Connection {
  trust: Trust
  socket: TLSSocket
  /** Ends its stream, and waits until it is closed. */
  end(): Promise<void>
  /** Gives this connection alone, to one request at a time. */
  agent: Agent
}

/**
 * TLS connections over streams somebody else opens, kept for the next request. There are never more than four, those
 * that are being opened among them: an Agent does not hold its `maxSockets` when its connections are made
 * asynchronously, since it counts those that are there. Each request has one to itself, and its turn ends when the
 * connection is idle again or closed.
 */
export class Connections {
  readonly #open: () => Promise<Duplex>
  readonly #turns = new Turns(most)
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  #opening = 0
  #closed: Error | undefined

  constructor(open: () => Promise<Duplex>) {
    this.#open = open
  }

  /**
   * Does something with a connection when one is free.
   * @param work is given what leads to the connection; must resolve when it needs it no more
   * @param signal whoever asked waits no longer: nothing is begun, and a handshake ends
   * Throws what it throws, and why no connection came about.
   */
  use<T>(trust: Trust, work: (agent: Agent) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#turns.take(async () => {
      signal?.throwIfAborted()
      const connection = this.#kept(trust) ?? (await this.#made(trust, signal))
      try {
        return await work(connection.agent)
      } finally {
        if (this.#closed || !isOpen(connection.socket)) await this.#drop(connection)
        else this.#idle.push(connection)
      }
    })
  }

  /** The same with a new connection, which is closed afterwards: for what is no request any more. */
  useUp<T>(trust: Trust, work: (agent: Agent) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#turns.take(async () => {
      signal?.throwIfAborted()
      const connection = await this.#made(trust, signal)
      try {
        return await work(connection.agent)
      } finally {
        await this.#drop(connection)
      }
    })
  }

  close(): void {
    this.#closed ??= new Error('the client was closed')
    this.#turns.stop(this.#closed)
    for (const connection of [...this.#all]) void this.#drop(connection)
  }

  #kept(trust: Trust): Connection | undefined {
    const at = this.#idle.findLastIndex((one) => one.trust === trust && isOpen(one.socket))
    return at === -1 ? undefined : this.#idle.splice(at, 1)[0]
  }

  /** Resolves when its stream is closed: until then it counts. */
  async #drop(connection: Connection): Promise<void> {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at !== -1) this.#idle.splice(at, 1)
    connection.agent.destroy()
    connection.socket.destroy()
    await connection.end()
  }

  async #made(trust: Trust, signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#closed) throw this.#closed
    // there is a turn for this one: what is too many is idle, and not what is asked for
    const [idle] = this.#idle
    if (idle && this.#all.size + this.#opening >= most) await this.#drop(idle)
    this.#opening += 1
    try {
      const stream = await opened(this.#open())
      const end = ending(stream)
      const socket = await shakeHands(stream, trust, signal).catch(async (error: unknown) => {
        await end()
        throw error
      })
      if (this.#closed) {
        socket.destroy()
        throw this.#closed
      }
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      agent.createConnection = (() => socket) as unknown as Agent['createConnection']
      const connection = { trust, socket, agent, end }
      this.#all.add(connection)
      socket.once('close', () => void this.#drop(connection))
      // a server that ends closes its side of what is idle; a request that is under way hears of it itself
      socket.once('end', () => {
        if (this.#idle.includes(connection)) void this.#drop(connection)
      })
      return connection
    } finally {
      this.#opening -= 1
    }
  }
}

/**
 * Whether a request may be sent over it. A stream that somebody else opens may be half open, whatever TLS is told
 * (tls.connect: `allowHalfOpen` has no effect with `socket`): a request to a side that has ended would never be answered.
 */
const isOpen = (socket: TLSSocket): boolean => !socket.destroyed && socket.writable && !socket.readableEnded

/** A stream that comes in time; one that comes later is closed at once. */
function opened(opening: Promise<Duplex>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let late = false
    const patience = setTimeout(() => {
      late = true
      reject(new Error(`no connection within ${openMs / 1000} s`))
    }, openMs)
    opening
      .then((stream) => (late ? stream.destroy() : resolve(stream)), reject)
      .finally(() => clearTimeout(patience))
  })
}

/** Made when a stream is there: one that is closed says so once. */
function ending(stream: Duplex): () => Promise<void> {
  const closed = new Promise<void>((resolve) => stream.once('close', resolve))
  return async () => {
    stream.destroy()
    let patience: NodeJS.Timeout | undefined
    await Promise.race([
      closed,
      new Promise<void>((resolve) => {
        patience = setTimeout(resolve, closeMs)
      }),
    ])
    clearTimeout(patience)
  }
}

function shakeHands(
  stream: Duplex,
  { tls, accept }: Trust,
  signal: AbortSignal | undefined,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...tls, socket: stream })
    const giveUp = (error: Error): void => {
      end()
      socket.destroy()
      stream.destroy()
      reject(error)
    }
    const aborted = (): void => giveUp(new Error('no longer waited for'))
    const patience = setTimeout(
      () => giveUp(new Error(`no TLS handshake within ${handshakeMs / 1000} s`)),
      handshakeMs,
    )
    // a stream that goes away in the middle of it says no more than this
    const gone = (): void => giveUp(new Error('the connection closed during the TLS handshake'))
    const end = (): void => {
      clearTimeout(patience)
      signal?.removeEventListener('abort', aborted)
      socket.removeListener('close', gone)
    }
    // stays: whoever uses the connection is told by its request, and an idle one may fail at any time
    socket.on('error', giveUp)
    socket.once('close', gone)
    signal?.addEventListener('abort', aborted, { once: true })
    if (signal?.aborted) aborted()
    socket.once('secureConnect', () => {
      end()
      try {
        if (!socket.authorized) accept?.(socket.getPeerCertificate().raw)
        resolve(socket)
      } catch (error) {
        giveUp(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}
