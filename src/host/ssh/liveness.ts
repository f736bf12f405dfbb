import type { Duplex } from 'node:stream'

/** How often a host is asked for a sign of life, of those that it may owe. */
export const pingEveryMs = (silenceMs: number): number => silenceMs / 4
/**
 * Calls back when a host has said nothing for `silenceMs`, answers to pings included: a half-open TCP connection
 * would otherwise be noticed by the kernel's retransmissions only, after some fifteen minutes. Any byte
 * counts. ssh2's own count (keepaliveCountMax) heeds answers to its pings alone, and those come late on a slow
 * line whose buffers are full of an upload, although the host takes what it is sent.
 * @returns what to call when the connection has ended
 */
export function watchSilence(socket: Duplex, silenceMs: number, onSilence: () => void): () => void {
  let heard = Date.now()
  let looked = heard
  const hear = (): void => {
    heard = Date.now()
  }
  socket.on('data', hear)
  const timer = setInterval(() => {
    const now = Date.now()
    // this machine slept, or was too busy to hear: a ping has to be answered first
    if (now - looked > 2 * pingEveryMs(silenceMs)) heard = now
    looked = now
    if (now - heard < silenceMs) return
    stop()
    onSilence()
  }, pingEveryMs(silenceMs) / 2)
  timer.unref()
  const stop = (): void => {
    clearInterval(timer)
    socket.removeListener('data', hear)
  }
  return stop
}
