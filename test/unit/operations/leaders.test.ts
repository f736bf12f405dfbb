import { expect, test } from 'vitest'
import type { Json, KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import { componentRows } from '../../../src/operations/leaders.js'
import { contextOf, machine } from '../../support/context.js'

const pod = (component: string, tag: string): Json => ({
  metadata: { labels: { component } },
  spec: { containers: [{ image: `registry.example:5000/${component}:${tag}` }] },
})
const lease = (holderIdentity: string, renewTime: string): Json => ({
  spec: { holderIdentity, renewTime, leaseDurationSeconds: 15 },
})

/** Answers as an API server was seen to give them. */
function contextWith(leases: Readonly<Record<string, Json>>, clockSkewMs = 0) {
  const kube: Partial<KubeClient> = {
    get: async ({ metadata }) => leases[metadata.name],
    list: async () => [
      pod('kube-apiserver', 'v1.20.2'),
      pod('kube-apiserver', 'v1.20.3'),
      pod('kube-scheduler', 'v1.20.2'),
    ],
  }
  return contextOf([machine({}, { clockSkewMs }), machine({ name: 'cp2', address: '10.88.0.16' })], {
    kube: Object.assign(() => Promise.resolve(kube as KubeClient), { renew: () => {} }),
    now: () => new Date('2026-11-21T12:00:10.000Z'),
  })
}

test('says who leads, since when it is sure of it, and what runs', async () => {
  const rows = await componentRows(
    contextWith({
      'kube-scheduler': lease('cp1_6a2e', '2026-11-21T12:00:08.500000Z'),
      'kube-controller-manager': lease('cp2_77', '2026-11-21T11:59:40.000000Z'),
    }),
  )
  expect(rows).toEqual([
    {
      name: 'kube-apiserver',
      versions: ['v1.20.2', 'v1.20.3'],
      leader: undefined,
      renewedSecondsAgo: undefined,
      expired: false,
    },
    { name: 'kube-controller-manager', versions: [], leader: 'cp2', renewedSecondsAgo: 30, expired: true },
    { name: 'kube-scheduler', versions: ['v1.20.2'], leader: 'cp1', renewedSecondsAgo: 2, expired: false },
  ])
})

test('takes the difference between our clock and the leader’s off', async () => {
  const renewed = '2026-11-21T12:01:09.000000Z'
  const rows = await componentRows(contextWith({ 'kube-scheduler': lease('cp1_6a2e', renewed) }, 60_000))
  expect(rows.at(-1)).toMatchObject({ leader: 'cp1', renewedSecondsAgo: 1, expired: false })
})

test('nobody leads where there is no lease, or one that was given back', async () => {
  const rows = await componentRows(
    contextWith({ 'kube-scheduler': lease('', '2026-11-21T12:00:09.000000Z') }),
  )
  expect(rows.slice(1).map(({ leader }) => leader)).toEqual(['', ''])
})
