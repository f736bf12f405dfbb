import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'

export interface ConnectProxy {
  /** "http://127.0.0.1:40123" */
  url: string
  /** Who was asked for, "mirror.test:443", with the right login. */
  asked: string[]
  /** How many came without it. */
  refused(): number
  /** Connections that are open. */
  open(): number
  close(): Promise<void>
}

/** A proxy for HTTPS that leads every name to this computer. @param login "USER:PASSWORD" */
export async function startConnectProxy(login?: string): Promise<ConnectProxy> {
  const asked: string[] = []
  const wanted = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  let refused = 0
  const server = createServer((_, response) => response.writeHead(400).end())
  const open = new Set<Duplex>()
  server.on('connect', (request, client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => {})
    if (wanted !== undefined && request.headers['proxy-authorization'] !== wanted) {
      refused += 1
      client.resume()
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n\r\n')
      return
    }
    asked.push(request.url ?? '')
    const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1] ?? 0)
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    refused: () => refused,
    open: () => open.size,
    close: () =>
      new Promise((resolve) => {
        for (const client of open) client.destroy()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
