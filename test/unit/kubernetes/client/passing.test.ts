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

const timedOut: [number, string] = [500, status('etcdserver: request timed out')]

test('what may be done twice is sent again while etcd elects a leader', async () => {
  const patched = clientOf([timedOut, [200, '{"kind":"ConfigMap"}']])
  expect(await patched.client.patch(ref, {})).toEqual({ kind: 'ConfigMap' })
  // it was deleted, and the answer was lost
  const deleted = clientOf([timedOut, [404, status('not found')]])
  await deleted.client.delete(ref)
  expect([...patched.asked, ...deleted.asked]).toEqual(['PATCH', 'PATCH', 'DELETE', 'DELETE'])
})

test('a creation is never sent twice: whether it was done is not known, and what is there then may be of another', async () => {
  const { client, asked } = clientOf([timedOut])
  await expect(client.create(ref)).rejects.toThrow('request timed out')
  expect(asked).toEqual(['POST'])
})

test('an object of a name of its own is created again, and what is there then is it', async () => {
  const conflict: [number, string] = [409, status('already exists')]
  const { client, asked } = clientOf([timedOut, conflict, [200, '{"kind":"Namespace"}']])
  expect(await client.createOwn(ref)).toEqual({ kind: 'Namespace' })
  expect(asked).toEqual(['POST', 'POST', 'GET'])
  // it was there before: the name is not its own
  await expect(clientOf([conflict]).client.createOwn(ref)).rejects.toThrow('already exists')
})

test('an eviction that a budget does not allow is told at once', async () => {
  const { client, asked } = clientOf([[429, status('Cannot evict pod')]])
  await expect(client.evict({ name: 'one', namespace: 'default', uid: '1' }, 'policy/v1')).rejects.toThrow(
    'evict',
  )
  expect(asked).toEqual(['POST'])
})
