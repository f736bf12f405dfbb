import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Host } from '../host/host.js'

/**
 * A connection that does not come about is given up, and the next is another one: where a first packet
 * met no rule of kube-proxy's yet, conntrack keeps the whole attempt on that way (for 63 s of retries).
 */
async function openWithin(host: Host, address: string, port: number, timeoutMs: number): Promise<Duplex> {
  const opening = host.connection.openTcp(address, port)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${address}:${port} did not accept a connection within ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
  })
  try {
    return await Promise.race([opening, late])
  } catch (error) {
    opening.then((stream) => stream.destroy()).catch(() => {})
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * GET http://ADDRESS:PORT/PATH as the host itself would: through a channel of its SSH connection.
 * Returns the body of a 200. Rejects with plain words otherwise.
 */
export async function askThrough(
  host: Host,
  address: string,
  port: number,
  path = '/',
  timeoutMs = 3_000,
): Promise<string> {
  const stream = await openWithin(host, address, port, timeoutMs)
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
        () => outgoing.destroy(new Error(`${address}:${port} did not answer within ${timeoutMs / 1000} s`)),
        timeoutMs,
      ).unref()
      outgoing.end()
    })
  } finally {
    stream.destroy()
  }
}
