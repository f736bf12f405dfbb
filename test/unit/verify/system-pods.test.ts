import { expect, test } from 'vitest'
import type { Json, KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import { systemPodsReady } from '../../../src/verify/system-pods.js'
import { contextOf, machine } from '../../support/context.js'

const pod = (name: string, status: object, ready = 'True'): Json => ({
  metadata: { name },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }], ...status },
})
const running = (restartCount: number, startedAt: string): object => ({
  containerStatuses: [{ restartCount, state: { running: { startedAt } } }],
})
const proxy = pod('kube-proxy-x', running(1, '2026-11-21T12:00:09Z'))

/** What is said of these pods at 12:00:10. */
function look(...pods: Json[]): Promise<string> {
  const kube: Partial<KubeClient> = { list: async () => [proxy, ...pods] }
  const context = contextOf([machine()], { now: () => new Date('2026-11-21T12:00:10Z') })
  return systemPodsReady(context, kube as KubeClient)
}

test('pods that run, that are done and static ones of which the API server knows late are fine', async () => {
  const done = pod('job', { phase: 'Succeeded' }, 'False')
  const mirror = pod('etcd-cp1', {}, 'False')
  expect(await look(pod('coredns', running(7, '2026-11-21T11:00:00Z')), done, mirror)).toBe('3 Pods')
})

test('a pod that is ready for a moment between two crashes is not taken for one that runs', async () => {
  await expect(look(pod('crasher', running(4, '2026-11-21T12:00:08Z')))).rejects.toThrow(
    'crasher: the container restarted 4 times and has just started',
  )
})

test('a pod that waits says why, and a missing one is missed', async () => {
  const waiting = {
    containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no host' } } }],
  }
  await expect(look(pod('coredns', waiting, 'False'))).rejects.toThrow('coredns: ErrImagePull no host')
})
