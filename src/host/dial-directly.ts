import { connect, type Socket } from 'node:net'

/** A TCP connection from this computer itself, by no host; rejects when there is none within `ms` milliseconds. */
export function dialDirectly(host: string, port: number, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${ms / 1000} s`)), ms)
    socket.once('error', reject)
    socket.once('close', () => clearTimeout(timer))
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}
