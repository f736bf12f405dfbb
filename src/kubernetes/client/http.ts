import { type Agent, request as send } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Secret } from '../../lib/secret.js'
import { BadAnswer } from './bad-answer.js'
import { Connections, type Trust } from './connections.js'
import { hasExpired, onlyTooOld } from './expired-server.js'
import { type Follower, follow } from './follow.js'
import type { Channels } from './web-socket.js'

export interface Credentials {
  /** PEM. */
  ca: string
  cert: string
  key: Secret
}

export interface Answer {
  status: number
  body: string
  /** Who answered: a host of the inventory, or an address. */
  host: string
}

export interface HttpClient {
  /** One request. Rejects when the transport fails or the deadline passes; any status is an answer. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** Whether the last read was answered by a server whose certificate has expired: nothing else is sent to it. */
  aged(): boolean
  /** A GET whose answer goes on, over a connection that takes no turn from requests: see follow.ts. */
  follow(path: string, follower: Follower, signal: AbortSignal): Promise<void>
  /** Opens a path as a stream of channels: exec, port-forward. */
  channels(path: string): Promise<Channels>
  close(): void
}

export interface SendOptions {
  body?: unknown
  contentType?: string
  /** Milliseconds. Default 30 000. */
  timeoutMs?: number
  /** Most bytes of the answer; more is none. Default 128 MiB. */
  maxBody?: number
}

/** Most bytes of one answer. A list of 5,000 Pods is some 40 MB. */
const maxBody = 128 * 1024 * 1024

export interface HttpBehaviour {
  /**
   * Reads (GET) are also sent to a server whose certificate has expired, and has nothing else against it: see
   * `onlyTooOld`. What changes something never is. Default false.
   */
  readWhenExpired?: boolean
}

/**
 * HTTPS over streams somebody else opens (channels of an SSH connection). The server is known by
 * its authority and by a name that every certificate of its kind carries, `kubernetes` for API
 * servers, whatever address the stream goes to.
 * @param host whom the streams lead to, for errors: a host of the inventory, or an address
 */
export function createHttpClient(
  host: string,
  open: () => Promise<Duplex>,
  credentials?: Credentials,
  ca?: string,
  servername = 'kubernetes',
  { readWhenExpired = false }: HttpBehaviour = {},
): HttpClient {
  const trusted = credentials?.ca ?? ca
  const strict: Trust = {
    tls: {
      // TLS has no server names that are addresses (RFC 6066): those are compared only
      ...(isIP(servername) === 0 ? { servername } : { host: servername, servername: '' }),
      ALPNProtocols: ['http/1.1'],
      ca: trusted,
      ...(credentials ? { cert: credentials.cert, key: credentials.key.reveal() } : {}),
    },
  }
  const moreIsWrong = new Error('more is wrong with the certificate than its age')
  const tolerant: Trust = {
    tls: { ...strict.tls, rejectUnauthorized: false },
    accept: (raw) => {
      if (trusted === undefined || !onlyTooOld(raw, trusted, servername, new Date())) throw moreIsWrong
    },
  }
  const connections = new Connections(open)
  const apart = new Connections(open)
  let aged = false
  const request = (trust: Trust, method: string, path: string, options: SendOptions): Promise<Answer> =>
    inTime(options.timeoutMs ?? defaultMs, (signal) =>
      connections.use(trust, (agent) => exchange(host, agent, method, path, options, signal), signal),
    )
  const read = async (path: string, options: SendOptions): Promise<Answer> => {
    try {
      const answer = await request(strict, 'GET', path, options)
      aged = false
      return answer
    } catch (error) {
      if (!readWhenExpired || trusted === undefined || !hasExpired(error)) throw error
      const answer = await request(tolerant, 'GET', path, options).catch((why: unknown) => {
        throw why === moreIsWrong ? error : why
      })
      aged = true
      return answer
    }
  }
  return {
    send: (method, path, options = {}) =>
      method === 'GET' ? read(path, options) : request(strict, method, path, options),
    aged: () => aged,
    follow: (path, follower, signal) =>
      apart.useUp(strict, (agent) => follow(host, agent, path, follower, signal), signal),
    channels: (path) =>
      new Promise((resolve, reject) => {
        connections
          .useUp(strict, async (agent) => {
            // loaded when needed: nearly no command is
            const channels = await (await import('./web-socket.js')).openChannels(agent, path)
            resolve(channels)
            await channels.closed
          })
          .catch(reject)
      }),
    close: () => {
      connections.close()
      apart.close()
    },
  }
}

const defaultMs = 30_000

/** What comes within so many milliseconds, waiting for its turn among them; then the signal is aborted. */
async function inTime<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  let patience: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      patience = setTimeout(() => {
        const error = new Error(`no answer within ${timeoutMs / 1000} s`)
        reject(error)
        over.abort(error)
      }, timeoutMs)
      work(over.signal).then(resolve, reject)
    })
  } finally {
    clearTimeout(patience)
  }
}

/**
 * A request and its answer, over a connection of its own. Settles when the connection is free again or closed.
 * @param signal ends it, and the connection with it
 */
function exchange(
  answering: string,
  agent: Agent,
  method: string,
  path: string,
  { body: question, contentType, maxBody: limit = maxBody }: SendOptions,
  signal: AbortSignal,
): Promise<Answer> {
  let outcome: { answer: Answer } | { error: unknown } | undefined
  return new Promise<Answer>((resolve, reject) => {
    const body = question === undefined ? undefined : JSON.stringify(question)
    const fail = (error: unknown): void => {
      outcome ??= { error }
    }
    const outgoing = send(
      {
        agent,
        method,
        path,
        host: 'kubernetes',
        signal,
        headers: {
          accept: 'application/json',
          ...(body === undefined
            ? {}
            : {
                'content-type': contentType ?? 'application/json',
                'content-length': Buffer.byteLength(body),
              }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        let size = 0
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= limit) return chunks.push(chunk)
          chunks.length = 0
          fail(new BadAnswer(`${method} ${path}`, `it is larger than ${limit / 1024 / 1024} MiB`, answering))
          return outgoing.destroy()
        })
        incoming.on('error', fail)
        incoming.on('end', () => {
          outcome ??= {
            answer: {
              status: incoming.statusCode ?? 0,
              body: Buffer.concat(chunks).toString(),
              host: answering,
            },
          }
        })
      },
    )
    outgoing.on('error', fail)
    // the last event of each: of one that was answered the connection is free then
    outgoing.once('close', () => {
      if (outcome && 'answer' in outcome) resolve(outcome.answer)
      // cut in the middle: 'end' does not come
      else reject(outcome?.error ?? new Error('the connection closed in the middle of the answer'))
    })
    outgoing.end(body)
  })
}
