import type { Agent } from 'node:https'
import WebSocket from 'ws'

/** A stream of numbered channels with a pod: exec, port-forward. */
export interface Channels {
  send(channel: number, data: Uint8Array): void
  /** Calls back for each message: its channel, and what follows. */
  onMessage(handle: (channel: number, data: Buffer) => void): void
  /** Resolves when the other side has closed. */
  closed: Promise<void>
  close(): void
}

/** Most bytes of one message; a kubelet sends a few KiB in each. */
const maxPayload = 4 * 1024 * 1024

/**
 * Opens an API path by WebSocket, with Kubernetes' framing of channels: the first byte of a message is
 * its channel (subprotocol v4.channel.k8s.io). Rejects with the status when the API server says no.
 * @param agent gives the connections; see http.ts
 */
export function openChannels(agent: Agent, path: string, timeoutMs = 15_000): Promise<Channels> {
  const socket = new WebSocket(`wss://kubernetes${path}`, 'v4.channel.k8s.io', {
    agent,
    handshakeTimeout: timeoutMs,
    maxPayload,
  })
  // messages may come before anybody listens
  const early: Buffer[] = []
  let handle: ((channel: number, data: Buffer) => void) | undefined
  socket.on('message', (data: Buffer) => {
    if (handle) handle(data[0] ?? 0, data.subarray(1))
    else early.push(data)
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('unexpected-response', (_request, answer) =>
      reject(new Error(`the API server answers ${answer.statusCode} to ${path.split('?')[0]}`)),
    )
    socket.once('open', () =>
      resolve({
        send: (channel, data) => socket.send(Buffer.concat([Buffer.from([channel]), data])),
        onMessage: (next) => {
          handle = next
          for (const data of early.splice(0)) next(data[0] ?? 0, data.subarray(1))
        },
        closed,
        close: () => socket.terminate(),
      }),
    )
  })
}
