import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { against, closeServers } from '../../../support/tls-api.js'

afterEach(closeServers)

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** What comes of following what a server answers. */
async function following(answer: Answer, seen: (line: string, stop: AbortController) => void = () => {}) {
  const server = await against(answer)
  const lines: string[] = []
  const stop = new AbortController()
  let opened = 0
  const ended = server.client.follow(
    '/api/v1/nodes?watch=1',
    {
      opened: () => {
        opened += 1
      },
      line: (line) => {
        lines.push(line)
        seen(line, stop)
      },
    },
    stop.signal,
  )
  return { ...server, lines, opens: () => opened, stop, ended }
}

const pieces =
  (...parts: (string | Buffer)[]): Answer =>
  async (_, response) => {
    response.writeHead(200)
    for (const part of parts) {
      response.write(part)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    response.end()
  }

describe('an answer that goes on', () => {
  it('is told line by line, also where a line or a character comes in two pieces', async () => {
    const e = Buffer.from('é')
    const { ended, lines, opens } = await following(
      pieces(
        '{"a":',
        '1}\n{"b":"',
        e.subarray(0, 1),
        Buffer.concat([e.subarray(1), Buffer.from('"}\n{"c"')]),
      ),
    )
    await ended
    expect(lines).toEqual(['{"a":1}', '{"b":"é"}'])
    expect(opens()).toBe(1)
  })

  it('is none where the server says no, and its words are not read', async () => {
    const { ended, opens } = await following((_, response) => {
      response.writeHead(410)
      response.write('endless')
    })
    await expect(ended).rejects.toMatchObject({ name: 'ApiError', status: 410 })
    expect(opens()).toBe(0)
  })

  it('ends with what is said of a line, and with it its connection', async () => {
    const { ended, streams } = await following(
      (_, response) => {
        response.writeHead(200)
        response.write('one\n')
      },
      () => {
        throw new Error('not so')
      },
    )
    await expect(ended).rejects.toThrow('not so')
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true])
  })

  it('ends where a line has no end', async () => {
    const { ended, lines } = await following((_, response) => {
      response.writeHead(200)
      const piece = Buffer.alloc(1024 * 1024, 'x')
      const more = (): void => {
        if (response.writable) response.write(piece, () => setImmediate(more))
      }
      response.on('error', () => {})
      more()
    })
    await expect(ended).rejects.toMatchObject({
      name: 'BadAnswer',
      why: 'a line is longer than 8388608 bytes',
    })
    expect(lines).toEqual([])
  })

  it('fails where the connection is cut in the middle', async () => {
    const { ended, lines } = await following((request, response) => {
      response.writeHead(200)
      response.write('one\ntw', () => setTimeout(() => request.socket.destroy(), 5))
    })
    await expect(ended).rejects.toThrow()
    expect(lines).toEqual(['one'])
  })

  it('ends when nobody wants it any more, also where the server never says a word, and with the client', async () => {
    const quiet: Answer = (_, response) => void response.writeHead(200).flushHeaders()
    const one = await following(quiet)
    while (one.opens() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    one.stop.abort()
    await expect(one.ended).rejects.toThrow('aborted')
    const other = await following(quiet)
    while (other.opens() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    other.client.close()
    await expect(other.ended).rejects.toThrow()
    for (const stream of [...one.streams, ...other.streams]) if (!stream.closed) await once(stream, 'close')
  })

  it('takes no turn from requests', async () => {
    const held: ServerResponse[] = []
    const server = await against((request, response) => {
      if (request.url === '/watch') response.writeHead(200).flushHeaders()
      else if (held.push(response) === 4) for (const one of held) one.end('ok')
    })
    const stop = new AbortController()
    const follower = { opened: () => {}, line: () => {} }
    const watches = [1, 2, 3].map(() =>
      server.client.follow('/watch', follower, stop.signal).catch(() => 'ended'),
    )
    const answers = await Promise.all([1, 2, 3, 4].map(() => server.client.send('GET', '/')))
    expect(answers.map(({ body }) => body)).toEqual(['ok', 'ok', 'ok', 'ok'])
    stop.abort()
    expect(await Promise.all(watches)).toEqual(['ended', 'ended', 'ended'])
  })
})
