import { expect, test } from 'vitest'
import type { Answer, HttpClient } from '../../../../src/kubernetes/client/http.js'
import { createKubeClient } from '../../../../src/kubernetes/client/kube-client.js'

const ref = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'kube-system' } }
const status = (message: string): string => JSON.stringify({ kind: 'Status', status: 'Failure', message })

/** A client whose API server answers so, one after the other; the last again and again. */
function clientOf(answers: readonly [number, string][]) {
  const asked: string[] = []
  const http: HttpClient = {
    send: async (method) => {
      const [code, body] = answers[Math.min(asked.length, answers.length - 1)] ?? [200, '{}']
      asked.push(method)
      return { status: code, body, host: 'cp1' } as Answer
    },
    aged: () => false,
    follow: () => Promise.reject(new Error('no watch here')),
    channels: async () => {
      throw new Error('no channels here')
    },
    close: () => {},
  }
  return { client: createKubeClient(http), asked }
}

// seen: status of a cluster at rest said "could not check", while etcd's leader went from one member to another
test('a read is asked again while etcd elects a leader', async () => {
  const changed: [number, string] = [500, status('etcdserver: leader changed')]
  const { client, asked } = clientOf([changed, changed, [200, '{"kind":"ConfigMap"}']])
  expect(await client.get(ref)).toEqual({ kind: 'ConfigMap' })
  const listed = clientOf([changed, [200, '{"items":[]}']])
  expect(await listed.client.list(ref)).toEqual([])
  expect([asked.length, listed.asked.length]).toEqual([3, 2])
})

test('a read that fails otherwise is told at once', async () => {
  const { client, asked } = clientOf([[500, status('internal error')]])
  await expect(client.get(ref)).rejects.toThrow('internal error')
  expect(asked).toHaveLength(1)
})

test('what changes something is never sent twice: whether it was done is not known', async () => {
  const { client, asked } = clientOf([[500, status('etcdserver: request timed out')]])
  await expect(client.create(ref)).rejects.toThrow('request timed out')
  await expect(client.patch(ref, {})).rejects.toThrow('request timed out')
  expect(asked).toEqual(['POST', 'PATCH'])
})
