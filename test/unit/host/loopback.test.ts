import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { dialDirectly } from '../../../src/host/dial-directly.js'
import { forwardFromLoopback, receivePosts } from '../../../src/host/loopback.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Says back what it was told, once it was told all of it. */
async function echo(): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('end', () => socket.end(`heard ${heard}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function said(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => {})
  socket.end(text)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk
  })
  await once(socket, 'close')
  return heard
}

describe('a port of the loopback address', () => {
  it('leads to a stream for each connection, and keeps half-closed ones', async () => {
    const far = await echo()
    let opened = 0
    const forward = await forwardFromLoopback(() => {
      opened += 1
      return dialDirectly('127.0.0.1', far, 1_000)
    })
    closing.push(forward.close)
    const big = 'x'.repeat(300_000)
    const answers = await Promise.all([said(forward.port, 'a'), said(forward.port, big)])
    expect(answers).toEqual(['heard a', `heard ${big}`])
    expect(opened).toBe(2)
  })

  it('closes connections whose far end is not reached, and goes on', async () => {
    const far = await echo()
    let times = 0
    const forward = await forwardFromLoopback(async () => {
      times += 1
      if (times === 1) throw new Error('refused')
      return dialDirectly('127.0.0.1', far, 1_000)
    })
    closing.push(forward.close)
    expect(await said(forward.port, 'a')).toBe('')
    expect(await said(forward.port, 'b')).toBe('heard b')
  })

  it('receives posts to the one path, and refuses the rest', async () => {
    const got: string[] = []
    const posts = await receivePosts('/secret', (body) => got.push(body))
    closing.push(posts.close)
    const send = async (path: string, body: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${posts.port}${path}`, { method: 'POST', body })).status
    expect([await send('/secret', 'one'), await send('/', 'two'), await send('/secret/x', 'three')]).toEqual([
      204, 404, 404,
    ])
    expect(await send('/secret', 'x'.repeat(4 * 1024 * 1024 + 1))).toBe(413)
    expect((await fetch(`http://127.0.0.1:${posts.port}/secret`)).status).toBe(404)
    expect(got).toEqual(['one'])
  })
})
