import { type Agent, request as send } from 'node:https'
import { messageOf } from '../../lib/errors.js'
import { ApiError } from './api-error.js'
import { BadAnswer } from './bad-answer.js'
import { Lines, LineTooLong } from './lines.js'

/** Who is told of an answer that goes on. */
export interface Follower {
  /** The server has agreed: lines may come. */
  opened(): void
  /** A line of it. What it throws ends the answer. */
  line(text: string): void
}

/** Most bytes of one line: etcd takes objects up to 1.5 MiB, which are longer as JSON. */
const maxLine = 8 * 1024 * 1024
/** Most bytes of one answer; whoever wants more of it asks anew. */
const maxTotal = 256 * 1024 * 1024
/** How long a server may take to agree, milliseconds. */
const openMs = 10_000

/**
 * A GET whose answer goes on, line by line, over a connection of its own. Resolves when the server ends it. Rejects with
 * ApiError when the answer is no, with BadAnswer when it is not what an API says, and when the connection is lost.
 * @param answering whose answer it is, for errors
 * @param signal ends it, and the connection with it
 */
export function follow(
  answering: string,
  agent: Agent,
  path: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  const asked = `GET ${path}`
  return new Promise((resolve, reject) => {
    const outgoing = send({
      agent,
      method: 'GET',
      path,
      host: 'kubernetes',
      signal,
      headers: { accept: 'application/json' },
    })
    let ended = false
    let failure: unknown
    const fail = (error: unknown): void => {
      failure ??= error
      outgoing.destroy()
    }
    const patience = setTimeout(() => fail(new Error(`no answer within ${openMs / 1000} s`)), openMs)
    outgoing.on('error', fail)
    outgoing.once('close', () => {
      clearTimeout(patience)
      if (failure !== undefined) reject(failure)
      else if (ended) resolve()
      else reject(new Error('the connection closed in the middle of the answer'))
    })
    outgoing.once('response', (incoming) => {
      clearTimeout(patience)
      const { statusCode = 0 } = incoming
      if (statusCode !== 200) return fail(new ApiError(statusCode, '', `${asked}: ${statusCode}`))
      const lines = new Lines(maxLine)
      let size = 0
      incoming.on('error', fail)
      incoming.on('end', () => {
        ended = true
      })
      incoming.on('data', (piece: Buffer) => {
        if (failure !== undefined) return
        size += piece.length
        try {
          for (const line of lines.take(piece)) follower.line(line)
        } catch (error) {
          fail(error instanceof LineTooLong ? new BadAnswer(asked, messageOf(error), answering) : error)
        }
        if (size > maxTotal) fail(new BadAnswer(asked, `it is larger than ${maxTotal} bytes`, answering))
      })
      follower.opened()
    })
    outgoing.end()
  })
}
