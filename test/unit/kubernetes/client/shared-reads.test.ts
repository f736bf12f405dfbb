import { expect, test } from 'vitest'
import type { HttpClient } from '../../../../src/kubernetes/client/http.js'
import { createKubeClient } from '../../../../src/kubernetes/client/kube-client.js'

const nodes = { apiVersion: 'v1', kind: 'Node' }
const node = (name: string) => ({ ...nodes, metadata: { name } })

/** A client, and what its server was asked. */
function counted(answer: (path: string) => { status?: number; body: unknown }) {
  const asked: string[] = []
  const http: HttpClient = {
    send: async (method, path) => {
      asked.push(`${method} ${path}`)
      const { status = 200, body } = answer(path)
      return { status, body: JSON.stringify(body), host: 'cp1' }
    },
    aged: () => false,
    follow: () => Promise.reject(new Error('none here')),
    channels: () => Promise.reject(new Error('none here')),
    close: () => {},
  }
  return { client: createKubeClient(http), asked }
}

test('what many read in one turn is asked for once, and again in the next', async () => {
  const { client, asked } = counted((path) => ({ body: { path, items: [] } }))
  await Promise.all(Array.from({ length: 50 }, () => client.list(nodes)))
  expect(asked).toEqual(['GET /api/v1/nodes'])
  await new Promise((resolve) => setImmediate(resolve))
  await client.list(nodes)
  expect(asked).toHaveLength(2)
})

test('of several paths each is asked for', async () => {
  const { client, asked } = counted((path) => ({ body: { path } }))
  const both = await Promise.all([client.get(node('a')), client.get(node('b')), client.get(node('a'))])
  expect(both.map((one) => one?.path)).toEqual(['/api/v1/nodes/a', '/api/v1/nodes/b', '/api/v1/nodes/a'])
  expect(asked).toHaveLength(2)
})

test('a refusal and an absence are told to all who asked', async () => {
  const refused = counted(() => ({ status: 403, body: { message: 'no' } }))
  const all = await Promise.allSettled([refused.client.list(nodes), refused.client.list(nodes)])
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const absent = counted(() => ({ status: 404, body: {} }))
  expect(await Promise.all([absent.client.get(node('a')), absent.client.get(node('a'))])).toEqual([
    undefined,
    undefined,
  ])
  expect([refused.asked.length, absent.asked.length]).toEqual([1, 1])
})

test('changes are each sent', async () => {
  const { client, asked } = counted(() => ({ body: {} }))
  await Promise.all([client.patch(node('a'), {}), client.patch(node('a'), {})])
  expect(asked).toHaveLength(2)
})
