import { request } from 'node:http'
import type { Host } from '../host/host.js'

/**
 * GET http://ADDRESS:PORT/PATH as the host itself would: through a channel of its SSH connection.
 * Returns the body of a 200. Rejects with plain words otherwise.
 */
export async function askThrough(
  host: Host,
  address: string,
  port: number,
  path = '/',
  timeoutMs = 5_000,
): Promise<string> {
  const stream = await host.connection.openTcp(address, port)
  try {
    return await new Promise<string>((resolve, reject) => {
      const outgoing = request(
        {
          createConnection: () => stream as never,
          host: address,
          port,
          path,
          headers: { connection: 'close' },
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () => {
            const body = Buffer.concat(chunks).toString()
            if (answer.statusCode === 200) resolve(body)
            else reject(new Error(`${address}:${port} answers ${answer.statusCode}`))
          })
        },
      )
      outgoing.on('error', reject)
      setTimeout(
        () => outgoing.destroy(new Error(`${address}:${port} does not answer within ${timeoutMs / 1000} s`)),
        timeoutMs,
      ).unref()
      outgoing.end()
    })
  } finally {
    stream.destroy()
  }
}
