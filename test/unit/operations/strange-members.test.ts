import { expect, test } from 'vitest'
import { strangeMembers } from '../../../src/operations/status.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const row = (name: string, endpoint: string) =>
  ({ name, endpoint, state: 'follower', votes: true, version: '', size: 0, detail: '' }) as const
const rows = [row('cp1', 'https://10.88.0.15:2379'), row('cp9', 'https://10.88.0.19:2379')]

test('a member on no host of the inventory is named with what removes it', () => {
  expect(strangeMembers(clusterSpec({ hosts: [hostSpec()] }), rows)).toEqual([
    'etcd member cp9 (10.88.0.19) is on no host of the inventory: kubestrap reset 10.88.0.19 removes it; if its host is lost: kubestrap reset --gone 10.88.0.19',
  ])
})

test("the members of somebody else's etcd are not ours to name", () => {
  const external = { endpoints: [], caFile: '', certFile: '', keyFile: '' }
  const { etcd } = clusterSpec()
  expect(strangeMembers(clusterSpec({ etcd: { ...etcd, external } }), rows)).toEqual([])
})
