import { expect, test } from 'vitest'
import type { Json, KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import { lastLines, podWords } from '../../../src/verify/pod-words.js'

const pod = (name: string, status: object): Json => ({ metadata: { name }, status })
const ready = [{ type: 'Ready', status: 'True' }]
const crashed = {
  name: 'echo',
  restartCount: 2,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 127, reason: 'Error' } },
}

test('a pod that crashes is heard also in the moment in which it is ready', async () => {
  const between = { ...crashed, state: { running: {} } }
  const kube: Partial<KubeClient> = {
    list: async () => [pod('crasher', { conditions: ready, containerStatuses: [between] })],
    text: async () => ({ status: 200, body: 'alas' }),
  }
  expect(await podWords(kube as KubeClient, 'ns')).toBe('crasher: ended with 127 (Error)\ncrasher: alas')
})

test('pods that are not ready say how they ended and their last lines, those before a restart', async () => {
  const asked: string[] = []
  const kube: Partial<KubeClient> = {
    list: async () => [
      pod('good', { conditions: ready, containerStatuses: [{ name: 'echo', state: { running: {} } }] }),
      pod('done', { phase: 'Succeeded' }),
      pod('bad', { containerStatuses: [crashed] }),
      pod('slow', { containerStatuses: [{ name: 'echo', restartCount: 0, state: { running: {} } }] }),
      pod('pending', { phase: 'Pending' }),
    ],
    text: async (path) => {
      asked.push(path)
      if (path.includes('/slow/')) throw new Error('the kubelet is away')
      return { status: 200, body: 'sh: httpd: not found\n\n' }
    },
  }
  expect(await podWords(kube as KubeClient, 'ns')).toBe(
    'bad: ended with 127 (Error)\nbad: sh: httpd: not found',
  )
  expect(asked).toEqual([
    '/api/v1/namespaces/ns/pods/bad/log?container=echo&tailLines=8&previous=true',
    '/api/v1/namespaces/ns/pods/slow/log?container=echo&tailLines=8',
  ])
})

test('of pods that are well the last lines are heard where they are asked for', async () => {
  const kube: Partial<KubeClient> = {
    list: async () => [
      pod('coredns', { conditions: ready, containerStatuses: [{ name: 'coredns', state: { running: {} } }] }),
    ],
    text: async () => ({ status: 200, body: '[ERROR] plugin/errors: 2 registry.k8s.io. A: i/o timeout\n' }),
  }
  expect(await lastLines(kube as KubeClient, 'kube-system', 'labelSelector=k8s-app%3Dkube-dns')).toBe(
    'coredns: [ERROR] plugin/errors: 2 registry.k8s.io. A: i/o timeout',
  )
})
