import type { Readable, Writable } from 'node:stream'
import { Secret } from '../lib/secret.js'
import { AfterMark } from './after-mark.js'
import type { Command } from './connection.js'
import { startMark } from './wire.js'

const defaultMaxOutput = 64 * 1024 * 1024

/** Gathers a command's output from its start mark on, tells it on, and stops gathering at the command's limit. */
export function collector(command: Command): {
  stdout(chunk: Buffer): void
  stderr(chunk: Buffer): void
  /** Whether more came than may be kept. */
  overflowed(): boolean
  result(): { stdout: Buffer; stderr: Buffer; noise?: string }
} {
  const kept: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }
  let size = 0
  const before = { stdout: new AfterMark(startMark), stderr: new AfterMark(startMark) }
  const take = (stream: 'stdout' | 'stderr') => (whole: Buffer) => {
    const chunk = before[stream].push(whole)
    if (chunk.length === 0) return
    size += chunk.length
    if (size > (command.maxOutput ?? defaultMaxOutput)) return
    kept[stream].push(chunk)
    command.onOutput?.(chunk, stream)
  }
  return {
    stdout: take('stdout'),
    stderr: take('stderr'),
    overflowed: () => size > (command.maxOutput ?? defaultMaxOutput),
    result: () => ({
      stdout: Buffer.concat(kept.stdout),
      stderr: Buffer.concat(kept.stderr),
      ...(before.stderr.seen ? {} : { noise: `${before.stdout.noise}\n${before.stderr.noise}` }),
    }),
  }
}

/**
 * Sends the header and the command's stdin, then ends the stream. A remote side that stops reading
 * early is no error here: its exit code tells.
 */
export async function feed(into: Writable, head: string, stdin: Command['stdin']): Promise<void> {
  into.on('error', () => {})
  into.write(head)
  if (stdin === undefined) into.end()
  else if (stdin instanceof Secret) into.end(stdin.reveal())
  else if (typeof stdin === 'string' || stdin instanceof Uint8Array) into.end(stdin)
  else await feedStream(stdin, into)
}

async function feedStream(source: Readable, into: Writable): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!into.writable) break
      if (!into.write(chunk)) await drained(into)
    }
  } finally {
    // also when the source fails: a command that went on waiting would hold the host's lock
    into.end()
  }
}

/** Until there is room again, or nobody reads any more. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.removeListener('drain', done)
      stream.removeListener('close', done)
      resolve()
    }
    stream.once('drain', done)
    stream.once('close', done)
  })
}
