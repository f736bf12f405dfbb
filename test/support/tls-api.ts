import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createHttpClient, type HttpClient } from '../../src/kubernetes/client/http.js'
import { releaseFor } from '../../src/kubernetes/releases/index.js'
import { createAuthority } from '../../src/pki/authorities.js'
import { certificateTree } from '../../src/pki/certificates.js'
import { aged } from './certificates.js'
import { clusterSpec, hostSpec } from './spec.js'

const now = new Date()
const [apiServer] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.20.2'))
if (!apiServer) throw new Error('no certificates')

const authority = createAuthority('kubernetes', { now, random: randomBytes })

const open: { server: Server; client: HttpClient }[] = []

/** Closes all that were made: after each test. */
export function closeServers(): void {
  for (const { server, client } of open.splice(0)) {
    client.close()
    server.closeAllConnections()
    server.close()
  }
}

export interface Counted {
  client: HttpClient
  /** Streams opened so far, and how many were there at once at most. */
  opened(): number
  most(): number
  streams: Socket[]
}

/**
 * A client of a server, over streams that are counted from the moment they are asked for until they are closed.
 * @param wrap what is opened instead of the way to the server
 */
export async function against(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { daysLeft = 100, wrap = (_: number, stream: () => Socket): Duplex => stream() } = {},
): Promise<Counted> {
  const ca = await authority
  const { certificate, key } = aged(apiServer as NonNullable<typeof apiServer>, ca, now, daysLeft)
  const server = createServer({ cert: certificate, key: key.reveal() }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let [opened, there, most] = [0, 0, 0]
  const streams: Socket[] = []
  const client = createHttpClient(
    'cp1',
    async () => {
      opened += 1
      there += 1
      most = Math.max(most, there)
      // a channel of an SSH connection takes its time
      await new Promise((resolve) => setTimeout(resolve, 5))
      const stream = wrap(opened, () => {
        // as a channel of an SSH connection: it stays writable when the other side has ended
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
        streams.push(socket)
        return socket
      })
      stream.once('close', () => {
        there -= 1
      })
      return stream
    },
    undefined,
    ca.signer.certificate,
    undefined,
    { readWhenExpired: true },
  )
  open.push({ server, client })
  return { client, opened: () => opened, most: () => most, streams }
}
