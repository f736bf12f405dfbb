import { Agent, request } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import type { Secret } from '../../lib/secret.js'
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
}

export interface HttpClient {
  /** One request. Rejects when the transport fails or the deadline passes; any status is an answer. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** Opens a path as a stream of channels: exec, port-forward. */
  channels(path: string): Promise<Channels>
  close(): void
}

export interface SendOptions {
  body?: unknown
  contentType?: string
  /** Milliseconds. Default 30 000. */
  timeoutMs?: number
}

/** Connections kept at a time: each is a channel of one SSH connection, of which sshd allows ten. */
const maxSockets = 4
/** An API server that is there shakes hands in milliseconds; one that hangs must not keep its place among the sockets. */
const handshakeMs = 10_000

/**
 * HTTPS over streams somebody else opens (channels of an SSH connection). The server is known by
 * its authority and by a name that every certificate of its kind carries, `kubernetes` for API
 * servers, whatever address the stream goes to.
 */
export function createHttpClient(
  open: () => Promise<Duplex>,
  credentials?: Credentials,
  ca?: string,
  servername = 'kubernetes',
): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets })
  agent.createConnection = ((_options: unknown, done: (error: Error | null, stream?: Duplex) => void) => {
    open().then((stream) => {
      const socket = connect({
        socket: stream,
        // TLS has no server names that are addresses (RFC 6066): those are compared only
        ...(isIP(servername) === 0 ? { servername } : { host: servername, servername: '' }),
        ALPNProtocols: ['http/1.1'],
        ca: credentials?.ca ?? ca,
        ...(credentials ? { cert: credentials.cert, key: credentials.key.reveal() } : {}),
      })
      const patience = setTimeout(
        () => socket.destroy(new Error(`no TLS handshake within ${handshakeMs / 1000} s`)),
        handshakeMs,
      )
      socket.once('secureConnect', () => {
        clearTimeout(patience)
        done(null, socket)
      })
      socket.once('error', (error) => done(error))
      // a stream that goes away in the middle of it says no more than this
      socket.once('close', () => {
        clearTimeout(patience)
        done(new Error('the connection closed before it was secure'))
      })
    }, done)
    return undefined
  }) as unknown as Agent['createConnection']
  return {
    send: (method, path, options = {}) => {
      let patience: NodeJS.Timeout | undefined
      return new Promise<Answer>((resolve, reject) => {
        const body = options.body === undefined ? undefined : JSON.stringify(options.body)
        const outgoing = request(
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
                    'content-type': options.contentType ?? 'application/json',
                    'content-length': Buffer.byteLength(body),
                  }),
            },
          },
          (incoming) => {
            const chunks: Buffer[] = []
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
            incoming.on('error', reject)
            incoming.on('end', () =>
              resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
            )
          },
        )
        const timeoutMs = options.timeoutMs ?? 30_000
        // the request's own timeout begins only when it has a socket, and one without cannot tell its end
        patience = setTimeout(() => {
          const error = new Error(`no answer within ${timeoutMs / 1000} s`)
          reject(error)
          outgoing.destroy(error)
        }, timeoutMs)
        outgoing.on('error', reject)
        outgoing.end(body)
      }).finally(() => clearTimeout(patience))
    },
    // loaded when needed: nearly no command is
    channels: async (path) => (await import('./web-socket.js')).openChannels(agent, path),
    close: () => agent.destroy(),
  }
}
