import { describe, expect, test } from 'vitest'
import type { OutsiderSeen } from '../../../../src/steps/reset/outsider.js'
import { type ClusterSeen, placed } from '../../../../src/workflows/outsiders/placed.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const spec = clusterSpec({
  hosts: [hostSpec(), hostSpec({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })],
})
const file = (subject: string) => ({ kind: 'file', subject, detail: 'created' }) as const
const unit = (name: string) => file(`/etc/systemd/system/${name}`)
const worker: OutsiderSeen = {
  addresses: ['10.88.0.29', '172.17.0.1'],
  ledger: [unit('kubelet.service')],
  authorities: { kubernetes: ['ours'], etcd: [] },
  backends: [],
}
const cluster: ClusterSeen = {
  authorities: { kubernetes: ['ours', 'the next'], etcd: ['ours of etcd'] },
  nodes: [
    { name: 'cp1', address: '10.88.0.15' },
    { name: 'w9', address: '10.88.0.29' },
  ],
}
const place = (seen: Partial<OutsiderSeen>, of: Partial<ClusterSeen> = {}, any = false) =>
  placed(spec, spec.outsider('192.0.2.9'), { ...worker, ...seen }, { ...cluster, ...of }, any)

describe('a host that the inventory no longer has', () => {
  test('is the Node that it still is, with the roles that its ledger tells', () => {
    expect(place({})).toMatchObject({ name: 'w9', address: '10.88.0.29', roles: ['worker'] })
    const ledger = [
      unit('kubelet.service'),
      unit('kubestrap-etcd.service'),
      file('/etc/kubernetes/manifests/kube-apiserver.yaml'),
    ]
    expect(place({ ledger }).roles).toEqual(['control-plane', 'etcd'])
  })

  test('has no name but its address where no Node is at one of its addresses, or that Node is of the inventory', () => {
    for (const nodes of [undefined, [], [{ name: 'w1', address: '10.88.0.29' }]])
      expect(place({}, { nodes })).toMatchObject({ name: '192.0.2.9', address: '192.0.2.9' })
  })

  test('is one of the inventory by another address', () => {
    expect(() => place({ addresses: ['10.88.0.21'] })).toThrow('192.0.2.9 is w1 of the inventory')
  })

  test('is refused where it belongs to another cluster, and is no Node of this one where that is asked for', () => {
    const other = { authorities: { kubernetes: ['theirs'], etcd: [] } }
    expect(() => place(other)).toThrow('the host belongs to another cluster')
    expect(() => place({ authorities: { kubernetes: ['ours'], etcd: ['theirs'] } })).toThrow(
      'another cluster',
    )
    expect(place(other, {}, true)).toMatchObject({ name: '192.0.2.9', roles: ['worker'] })
  })

  test('is refused where the authority of this cluster could not be read', () => {
    const silent = { authorities: { kubernetes: [], etcd: [] }, nodes: undefined }
    expect(() => place({}, silent)).toThrow('may belong to another cluster')
    expect(place({ authorities: silent.authorities }, silent).roles).toEqual(['worker'])
  })

  test('is refused where somebody else installed Kubernetes; one that is cleared is a Node yet', () => {
    expect(() => place({ ledger: [] })).toThrow('which kubestrap did not install')
    const cleared = { ledger: [], authorities: { kubernetes: [], etcd: [] } }
    expect(place(cleared)).toMatchObject({ name: 'w9', roles: ['worker'] })
    expect(place(cleared, { nodes: [] }).roles).toEqual([])
  })

  test('that only balances is known by the API servers that it names', () => {
    const none = { ledger: [unit('kubestrap-haproxy.service')], authorities: { kubernetes: [], etcd: [] } }
    expect(place({ ...none, backends: ['10.88.0.15', '10.88.0.99'] }, { nodes: [] }).roles).toEqual([])
    expect(() => place({ ...none, backends: ['10.1.0.1'] })).toThrow('is a load balancer of another cluster')
  })
})
