import type { Readable, Writable } from 'node:stream'
import { Secret } from '../lib/secret.js'
import { AfterMark } from './after-mark.js'
import { BeforeEnd } from './before-end.js'
import type { Command, Streaming } from './connection.js'
import { startMark, startOfEnd } from './wire.js'

const defaultMaxOutput = 64 * 1024 * 1024

/** Gathers a command's output from its start mark on, tells it on, and stops gathering at the command's limit. */
export function collector(command: Command): {
  stdout(chunk: Buffer): void
  stderr(chunk: Buffer): void
  /** Calls back, once, when more comes than may be kept: nothing of it is an answer then. */
  onOverflow(handle: () => void): void
  result(): { stdout: Buffer; stderr: Buffer; noise?: string }
} {
  const kept: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }
  let size = 0
  let overflow: (() => void) | undefined
  const told = { stdout: new BeforeEnd(startOfEnd.stdout), stderr: new BeforeEnd(startOfEnd.stderr) }
  const before = { stdout: new AfterMark(startMark), stderr: new AfterMark(startMark) }
  const take = (stream: 'stdout' | 'stderr') => (whole: Buffer) => {
    const chunk = before[stream].push(whole)
    if (chunk.length === 0) return
    size += chunk.length
    if (size > (command.maxOutput ?? defaultMaxOutput)) {
      overflow?.()
      overflow = undefined
      return
    }
    kept[stream].push(chunk)
    const words = command.onOutput ? told[stream].push(chunk) : chunk
    if (words.length > 0) command.onOutput?.(words, stream)
  }
  return {
    stdout: take('stdout'),
    stderr: take('stderr'),
    onOverflow: (handle) => {
      overflow = handle
    },
    result: () => ({
      stdout: Buffer.concat(kept.stdout),
      stderr: Buffer.concat(kept.stderr),
      ...(before.stderr.seen ? {} : { noise: `${before.stdout.noise}\n${before.stderr.noise}` }),
    }),
  }
}

/**
 * Sends the header and the command's stdin, then ends the stream. A remote side that stops reading
 * early is no error here: its exit code tells. Settles at the latest when the command is over: a stream
 * whose other side has gone may never say so (ssh2 calls no callback of a write to a closed channel, and
 * leaves it `writable`).
 * @param over resolves when nobody reads any more; must not reject
 * @param giveUp called when a stream's own deadlines have passed; `over` is then to resolve
 */
export async function feed(
  into: Writable,
  head: string,
  stdin: Command['stdin'],
  over: Promise<unknown>,
  streaming?: { limits: Streaming; giveUp(how: 'STALLED' | 'SLOW' | 'UNFINISHED'): void } | undefined,
): Promise<void> {
  into.on('error', () => {})
  into.write(head)
  if (stdin === undefined) into.end()
  else if (stdin instanceof Secret) into.end(stdin.reveal())
  else if (typeof stdin === 'string' || stdin instanceof Uint8Array) into.end(stdin)
  else {
    await Promise.race([feedStream(stdin, into, over, streaming), over.then(() => stdin.destroy())])
    if (streaming) await patiently(over, streaming.limits.finishMs, () => streaming.giveUp('UNFINISHED'))
  }
}

/** Waits for something; when it takes longer than that, says so and goes on waiting. */
async function patiently(until: Promise<unknown>, ms: number, late: () => void): Promise<void> {
  const timer = setTimeout(late, ms)
  try {
    await until
  } finally {
    clearTimeout(timer)
  }
}

async function feedStream(
  source: Readable,
  into: Writable,
  over: Promise<unknown>,
  streaming: Parameters<typeof feed>[4],
): Promise<void> {
  let ended = false
  // only waiting for the host counts: the source may be slow itself
  let [sent, waited] = [0, 0]
  const isSlow = (ms: number): boolean => {
    const rate = streaming?.limits.leastRate
    waited += ms
    if (rate === undefined || waited < rate.overMs) return false
    const few = sent < (rate.bytesPerSecond * waited) / 1000
    sent = waited = 0
    return few
  }
  const end = over.then(() => {
    ended = true
  })
  try {
    for await (const chunk of source) {
      if (ended || !into.writable) break
      sent += chunk.length
      if (into.write(chunk)) continue
      const accepted = Promise.race([once(into, 'drain'), end])
      if (!streaming) await accepted
      else {
        const began = performance.now()
        await patiently(accepted, streaming.limits.acceptMs, () => streaming.giveUp('STALLED'))
        if (isSlow(performance.now() - began)) streaming.giveUp('SLOW')
      }
    }
  } catch (error) {
    // a source that was let go of because the command is over has not failed
    if (!ended) throw error
  } finally {
    // also when the source fails: a command that went on waiting would hold the host's lock
    into.end()
  }
}

/** Until the event comes, which may be never. */
function once(stream: Writable, event: string): Promise<void> {
  return new Promise((resolve) => stream.once(event, () => resolve()))
}
