import { Agent, request as send } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import type { Secret } from '../../lib/secret.js'
import { BadAnswer } from './bad-answer.js'
import { hasExpired, onlyTooOld } from './expired-server.js'
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
/** Connections kept at a time: each is a channel of one SSH connection, of which sshd allows ten. */
const maxSockets = 4
/** An API server that is there shakes hands in milliseconds; one that hangs must not keep its place among the sockets. */
const handshakeMs = 10_000

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
  const tls: ConnectionOptions = {
    // TLS has no server names that are addresses (RFC 6066): those are compared only
    ...(isIP(servername) === 0 ? { servername } : { host: servername, servername: '' }),
    ALPNProtocols: ['http/1.1'],
    ca: trusted,
    ...(credentials ? { cert: credentials.cert, key: credentials.key.reveal() } : {}),
  }
  const agent = agentOver(open, tls)
  let tolerant: Agent | undefined
  let aged = false
  const read = async (path: string, options: SendOptions): Promise<Answer> => {
    try {
      const answer = await request(host, agent, 'GET', path, options)
      aged = false
      return answer
    } catch (error) {
      if (!readWhenExpired || trusted === undefined || !hasExpired(error)) throw error
      tolerant ??= agentOver(open, { ...tls, rejectUnauthorized: false }, (raw) => {
        if (!onlyTooOld(raw, trusted, servername, new Date())) throw error
      })
      const answer = await request(host, tolerant, 'GET', path, options)
      aged = true
      return answer
    }
  }
  return {
    send: (method, path, options = {}) =>
      method === 'GET' ? read(path, options) : request(host, agent, method, path, options),
    aged: () => aged,
    // loaded when needed: nearly no command is
    channels: async (path) => (await import('./web-socket.js')).openChannels(agent, path),
    close: () => {
      agent.destroy()
      tolerant?.destroy()
    },
  }
}

/**
 * Keeps connections over streams somebody else opens.
 * @param accept called with the server's certificate (DER) before anything is sent; throws to refuse it
 */
function agentOver(
  open: () => Promise<Duplex>,
  tls: ConnectionOptions,
  accept: (raw: Buffer) => void = () => {},
): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets })
  agent.createConnection = ((_options: unknown, done: (error: Error | null, stream?: Duplex) => void) => {
    open().then((stream) => {
      const socket = connect({ ...tls, socket: stream })
      const patience = setTimeout(
        () => socket.destroy(new Error(`no TLS handshake within ${handshakeMs / 1000} s`)),
        handshakeMs,
      )
      socket.once('secureConnect', () => {
        clearTimeout(patience)
        try {
          if (!socket.authorized) accept(socket.getPeerCertificate().raw)
          done(null, socket)
        } catch (error) {
          socket.destroy(error instanceof Error ? error : new Error(String(error)))
        }
      })
      socket.once('error', (error) => done(error))
      // a stream that goes away in the middle of it says no more than this
      socket.once('close', () => {
        clearTimeout(patience)
        done(new Error('the connection closed during the TLS handshake'))
      })
    }, done)
    return undefined
  }) as unknown as Agent['createConnection']
  return agent
}

function request(
  answering: string,
  agent: Agent,
  method: string,
  path: string,
  { body: question, contentType, timeoutMs = 30_000, maxBody: limit = maxBody }: SendOptions,
): Promise<Answer> {
  let patience: NodeJS.Timeout | undefined
  return new Promise<Answer>((resolve, reject) => {
    const body = question === undefined ? undefined : JSON.stringify(question)
    const outgoing = send(
      {
        agent,
        method,
        path,
        host: 'kubernetes',
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
          reject(
            new BadAnswer(`${method} ${path}`, `it is larger than ${limit / 1024 / 1024} MiB`, answering),
          )
          return outgoing.destroy()
        })
        incoming.on('error', reject)
        // cut in the middle: 'end' does not come
        incoming.once('close', () => reject(new Error('the connection closed in the middle of the answer')))
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            body: Buffer.concat(chunks).toString(),
            host: answering,
          }),
        )
      },
    )
    // the request's own timeout begins only when it has a socket, and one without cannot tell its end
    patience = setTimeout(() => {
      const error = new Error(`no answer within ${timeoutMs / 1000} s`)
      reject(error)
      outgoing.destroy(error)
    }, timeoutMs)
    outgoing.on('error', reject)
    outgoing.end(body)
  }).finally(() => clearTimeout(patience))
}
