import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'

/** Something that programs of this computer reach at its loopback address. */
export interface Loopback {
  port: number
  close(): void
}

const address = '127.0.0.1'

/**
 * Forwards TCP from a port of the loopback address, as `ssh -L` does: each connection gets a stream of its own. Who else is
 * logged in here may connect, too; what protects the far end is its TLS.
 * @param open the stream to the far end; where it rejects, the connection is closed
 */
export async function forwardFromLoopback(open: () => Promise<Duplex>): Promise<Loopback> {
  const streams = new Set<Duplex>()
  const kept = <T extends Duplex>(stream: T): T => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
    return stream
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    kept(socket).on('error', () => {})
    open().then(
      (stream) => {
        if (socket.destroyed) return stream.destroy()
        // an error of either side ends the other
        pipeline(socket, kept(stream), () => {})
        pipeline(stream, socket, () => {})
      },
      () => socket.destroy(),
    )
  })
  const port = await listening(server)
  return {
    port,
    close: () => {
      server.close()
      for (const stream of streams) stream.destroy()
    },
  }
}

/** Most bytes of one message. */
const maxBody = 4 * 1024 * 1024

/**
 * Receives what a program of this computer posts to one path of the loopback address; everything else is refused.
 * @param path "/", and what no other process can guess
 */
export async function receivePosts(path: string, onPost: (body: string) => void): Promise<Loopback> {
  const server = createHttpServer({ requestTimeout: 30_000 }, (request, answer) => {
    if (request.method !== 'POST' || request.url !== path) {
      answer.writeHead(404).end()
      return request.resume()
    }
    const chunks: Buffer[] = []
    let size = 0
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBody) chunks.push(chunk)
      else chunks.length = 0
    })
    request.on('end', () => {
      answer.writeHead(size <= maxBody ? 204 : 413).end()
      if (size <= maxBody) onPost(Buffer.concat(chunks).toString())
    })
  })
  const port = await listening(server)
  return {
    port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, () => resolve((server.address() as AddressInfo).port))
  })
}
