import { expect, it } from 'vitest'
import type { Json, KubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { removeNamespaces } from '../../../../src/operations/conformance/leftovers.js'
import { readyNodes } from '../../../../src/operations/conformance/ready-nodes.js'

const node = (name: string, spec: object = {}, ready = 'True'): Json => ({
  metadata: { name },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const tainted = (key: string, effect = 'NoSchedule'): object => ({ taints: [{ key, effect }] })

it('nodes are told apart as the suite does', () => {
  expect(
    readyNodes([
      node('cp1', tainted('node-role.kubernetes.io/control-plane')),
      node('w1'),
      node('w2', tainted('soft', 'PreferNoSchedule')),
      node('w3', tainted('dedicated', 'NoExecute')),
      node('w4', { unschedulable: true, ...tainted('node.kubernetes.io/unschedulable') }),
      node('w5', tainted('node.kubernetes.io/not-ready'), 'Unknown'),
    ]),
  ).toEqual({
    schedulable: ['w1', 'w2'],
    unready: ['w4', 'w5'],
    taints: ['dedicated', 'node-role.kubernetes.io/control-plane'],
  })
})

it('namespaces of one run are removed, and those that are going already are left alone', async () => {
  const deleted: string[] = []
  const asked: unknown[] = []
  const kube: Partial<KubeClient> = {
    list: async (...args) => {
      asked.push(args)
      return [
        { metadata: { name: 'pods-1' } },
        { metadata: { name: 'pods-2', deletionTimestamp: '2026-11-29T00:00:00Z' } },
      ]
    },
    delete: async ({ metadata: { name } }) => {
      deleted.push(name)
    },
  }
  expect(await removeNamespaces(kube as KubeClient, 'ae1b58af')).toEqual(['pods-1'])
  expect(deleted).toEqual(['pods-1'])
  expect(asked).toEqual([
    [{ apiVersion: 'v1', kind: 'Namespace' }, undefined, 'labelSelector=e2e-run%3Dae1b58af'],
  ])
})
