import { describe, expect, test } from 'vitest'
import type { ClusterSpec } from '../../../../src/inventory/spec.js'
import { type Has, lostHost } from '../../../../src/workflows/outsiders/lost.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const stacked = clusterSpec({
  hosts: [hostSpec(), hostSpec({ name: 'cp3', address: '10.88.0.13' })],
})
const endpoints = ['https://10.88.0.31:2379']
const external = clusterSpec({
  hosts: stacked.hosts,
  etcd: { ...stacked.etcd, external: { endpoints, caFile: '', certFile: '', keyFile: '' } },
})
const node = (name: string, address: string, controlPlane = false) => ({ name, address, controlPlane })
const member = (name: string, address: string) => ({
  id: '1',
  name,
  peerUrls: [`https://${address}:2380`],
  clientUrls: [],
  learner: false,
})
const lost = (has: Partial<Has>, spec: ClusterSpec = stacked, address = '10.88.0.29') =>
  lostHost(spec, spec.outsider(address), { nodes: [], members: [], ...has })

describe('a lost host that the inventory no longer has', () => {
  test.each<[string, Partial<Has>, ClusterSpec, string, string[]]>([
    ['a worker', { nodes: [node('w9', '10.88.0.29')] }, stacked, 'w9', ['worker']],
    [
      'a control plane node with its member',
      { nodes: [node('cp9', '10.88.0.29', true)], members: [member('cp9', '10.88.0.29')] },
      stacked,
      'cp9',
      ['control-plane'],
    ],
    [
      'one whose Node was deleted by hand',
      { members: [member('cp9', '10.88.0.29')] },
      stacked,
      '10.88.0.29',
      ['control-plane'],
    ],
    ['an etcd host', { members: [member('e3', '10.88.0.29')] }, external, '10.88.0.29', ['etcd']],
    [
      'a worker that was an etcd host too',
      { nodes: [node('w9', '10.88.0.29')], members: [member('w9', '10.88.0.29')] },
      external,
      'w9',
      ['worker', 'etcd'],
    ],
    [
      'a control plane node beside an etcd of others',
      { nodes: [node('cp9', '10.88.0.29', true)] },
      external,
      'cp9',
      ['control-plane'],
    ],
  ])('is what the cluster still has of it: %s', (_, has, spec, name, roles) => {
    expect(lost(has, spec)).toMatchObject({ name, address: '10.88.0.29', roles })
  })

  test('is not the host of the inventory that has its name: that keeps its Node', () => {
    const moved = { nodes: [node('cp3', '10.88.0.29', true)], members: [member('cp3', '10.88.0.29')] }
    expect(lost(moved).name).toBe('10.88.0.29')
  })

  test('is refused where the cluster has nothing at its address, with what it has', () => {
    const has = { nodes: [node('w1', '10.88.0.21'), node('w2', '')], members: [member('', '10.88.0.15')] }
    expect(() => lost(has)).toThrowError(
      expect.objectContaining({
        kind: 'usage',
        message: 'the cluster has neither a node nor an etcd member at 10.88.0.29',
        why: 'it has node w1 (10.88.0.21), node w2 (no address), etcd member (not started) (https://10.88.0.15:2380)',
      }),
    )
  })
})
