import type { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { against, closeServers } from '../../../support/tls-api.js'

afterEach(closeServers)

const times = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const ok = (_: IncomingMessage, response: ServerResponse) => void response.end('ok')
const silent = (): Duplex =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
    },
  })

describe('connections to an API server', () => {
  test('are four for 28 requests of one turn, and are kept for the next', async () => {
    const { client, opened, most } = await against((_, response) => {
      setTimeout(() => response.end('ok'), 5)
    })
    const answers = await Promise.all(times(28).map((i) => client.send('GET', `/${i}`)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect([opened(), most()]).toEqual([4, 4])
    await Promise.all(times(28).map((i) => client.send('POST', `/${i}`, { body: { i } })))
    expect([opened(), most()]).toEqual([4, 4])
  })

  test('are one for requests one after the other', async () => {
    const { client, opened } = await against(ok)
    for (const i of times(5)) await client.send('GET', `/${i}`)
    expect(opened()).toBe(1)
  })

  test('that break lose no place', async () => {
    const { client, most, opened } = await against((request, response) => {
      if (request.url === '/cut') request.socket.destroy()
      else response.end('ok')
    })
    const cut = await Promise.allSettled(times(12).map(() => client.send('GET', '/cut')))
    expect(cut.every(({ status }) => status === 'rejected')).toBe(true)
    const answers = await Promise.all(times(12).map(() => client.send('GET', '/')))
    expect(answers).toHaveLength(12)
    expect(most()).toBeLessThanOrEqual(4)
    expect(opened()).toBe(12 + 4)
  })

  test('that break while nobody uses them are not used again', async () => {
    const { client, streams, opened } = await against(ok)
    await Promise.all(times(4).map(() => client.send('GET', '/')))
    for (const stream of streams) stream.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all(times(4).map(() => client.send('GET', '/')))
    expect(opened()).toBe(8)
  })

  test('that the server ends after its answer are made anew', async () => {
    const { client, most } = await against((_, response) => {
      response.setHeader('connection', 'close')
      response.end('ok')
    })
    const answers = await Promise.all(times(12).map(() => client.send('GET', '/')))
    expect(answers.every(({ body }) => body === 'ok')).toBe(true)
    expect(most()).toBeLessThanOrEqual(4)
  })

  test('are free again when a request that hangs is over', async () => {
    const { client, most } = await against((request, response) => {
      if (request.url !== '/hang') response.end('ok')
    })
    const hung = times(8).map(() => client.send('GET', '/hang', { timeoutMs: 150 }))
    const after = client.send('GET', '/', { timeoutMs: 5_000 })
    for (const { status, reason } of (await Promise.allSettled(hung)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected')
      expect(String(reason)).toContain('no answer within 0.15 s')
    }
    await expect(after).resolves.toMatchObject({ status: 200 })
    expect(most()).toBeLessThanOrEqual(4)
  })

  test('are free again when a handshake that hangs is no longer waited for', async () => {
    const { client, most } = await against(ok, { wrap: (n, stream) => (n <= 4 ? silent() : stream()) })
    const hung = times(4).map(() => client.send('GET', '/', { timeoutMs: 100 }))
    expect((await Promise.allSettled(hung)).every(({ status }) => status === 'rejected')).toBe(true)
    await expect(client.send('GET', '/', { timeoutMs: 5_000 })).resolves.toMatchObject({ status: 200 })
    expect(most()).toBeLessThanOrEqual(4)
  })

  test('are four as well when the certificate of the server has expired', async () => {
    const { client, most } = await against(ok, { daysLeft: -3 })
    const answers = await Promise.all(times(28).map(() => client.send('GET', '/')))
    expect(answers).toHaveLength(28)
    expect(client.aged()).toBe(true)
    expect(most()).toBeLessThanOrEqual(4)
  })

  test('end with the client, and those who wait for one are told', async () => {
    const { client } = await against(() => {})
    const asked = times(8).map(() => client.send('GET', '/'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.close()
    expect((await Promise.allSettled(asked)).every(({ status }) => status === 'rejected')).toBe(true)
    await expect(client.send('GET', '/')).rejects.toThrow('the client was closed')
  })

  test('that are to carry channels and are refused keep no place', async () => {
    const { client, most } = await against((_, response) => {
      response.statusCode = 403
      response.end('no')
    })
    const refused = await Promise.allSettled(times(9).map(() => client.channels('/exec')))
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true)
    await expect(client.send('GET', '/')).resolves.toMatchObject({ status: 403 })
    expect(most()).toBeLessThanOrEqual(4)
  })
})

test('a connection whose server has ended its side while nobody used it is asked nothing more', async () => {
  const asked: IncomingMessage[] = []
  const { client, opened } = await against((request, response) => {
    asked.push(request)
    response.end('{}')
  })
  expect((await client.send('GET', '/one')).status).toBe(200)
  // what Go's http.Server does with idle connections when it shuts down
  asked[0]?.socket.end()
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (const path of ['/two', '/three'])
    expect((await client.send('GET', path, { timeoutMs: 2_000 })).status).toBe(200)
  expect(opened()).toBe(2)
})
