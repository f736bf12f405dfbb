import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'

/** TCP to a port of this machine, that can be broken as networks break. */
export interface BreakableLine {
  port: number
  /** Bytes that went towards the server so far. */
  sent(): number
  /** Both ends see a reset. */
  cut(): void
  /** Nothing passes any more, and nobody is told (a cable pulled, a firewall that forgot the connection). */
  freeze(): void
  /** Connections made from now on pass again. */
  thaw(): void
  stop(): Promise<void>
}

export async function breakableLine(to: number): Promise<BreakableLine> {
  const pairs = new Set<Socket>()
  let frozen = false
  let sent = 0
  const server = createServer((near) => {
    const far = createConnection(to, '127.0.0.1')
    for (const socket of [near, far]) {
      pairs.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => pairs.delete(socket))
    }
    const pass = (from: Socket, into: Socket): void => {
      from.on('data', (chunk) => {
        if (frozen) return from.pause()
        if (from === near) sent += chunk.length
        if (!into.write(chunk)) {
          from.pause()
          into.once('drain', () => from.resume())
        }
      })
      from.once('end', () => {
        if (!frozen) into.end()
      })
      from.once('close', () => {
        if (!frozen) into.destroy()
      })
    }
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of pairs) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => sent,
    cut,
    freeze: () => {
      frozen = true
      for (const socket of pairs) socket.pause()
    },
    thaw: () => {
      frozen = false
    },
    stop: async () => {
      cut()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
