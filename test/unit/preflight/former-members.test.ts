import { describe, expect, test } from 'vitest'
import { Late } from '../../../src/engine/late.js'
import type { Role } from '../../../src/inventory/spec.js'
import { formerMembers } from '../../../src/preflight/former-members.js'
import { refuseChanges } from '../../../src/preflight/refuse-changes.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const unit = '/etc/systemd/system/kubestrap-etcd.service'
const manifest = '/etc/kubernetes/manifests/etcd.yaml'
const on = (roles: readonly Role[], ...paths: string[]) => ({
  ...machine({ name: 'h3', address: '10.88.0.33', roles }),
  host: fakeHost('h3', { files: Object.fromEntries(paths.map((path) => [path, ''])) }),
})
const found = async (one: ReturnType<typeof on>) =>
  (await formerMembers(contextOf([one]))).map(({ field, wanted }) => `${field}: ${wanted}`)

const member = (name: string, address: string) => ({
  id: name,
  name,
  peerUrls: [`https://${address}:2380`],
  clientUrls: [`https://${address}:2379`],
  learner: false,
})
const etcdHosts = {
  order: [],
  founding: new Set<string>(),
  told: undefined,
  joining: new Set<string>(),
  halfAdded: new Set<string>(),
  fresh: new Set<string>(),
  members: [member('e1', '10.88.0.31'), member('h3', '10.88.0.33')],
  authority: new Late<never>('etcd'),
  programs: [],
}

describe('an etcd member of a host that has no role for it any more', () => {
  test.each<[string, ReturnType<typeof on>, string[]]>([
    ['a unit of an etcd host on a worker', on(['worker'], unit), ['hosts.h3.roles: worker']],
    ['one on a load balancer', on(['load-balancer'], unit), ['hosts.h3.roles: load-balancer']],
    ['a static Pod of a control plane', on(['worker'], manifest), ['hosts.h3.roles: worker']],
    ['nothing', on(['worker']), []],
    ['those that have their role', on(['control-plane', 'etcd'], unit, manifest), []],
  ])('is found by what lies on its disk: %s', async (_, one, those) => {
    expect(await found(one)).toEqual(those)
  })

  test('is none where etcd is somebody else’s, who asks for this one', async () => {
    const base = contextOf([on(['worker'], unit)])
    const external = { endpoints: ['https://10.88.0.33:2379'], caFile: '', certFile: '', keyFile: '' }
    expect(
      await formerMembers({ ...base, spec: { ...base.spec, etcd: { ...base.spec.etcd, external } } }),
    ).toEqual([])
  })

  test('is found by what etcd says where the host is not reached, with the way for a lost one', async () => {
    const context = contextOf([on(['worker'])], { machines: [], away: new Set(['h3']), etcdHosts })
    expect(await formerMembers(context)).toEqual([
      expect.objectContaining({
        field: 'hosts.h3.roles',
        is: 'an etcd member',
        way: expect.stringMatching(
          /^run kubestrap reset h3, which removes the member .* reset --gone\); then kubestrap up/,
        ),
      }),
    ])
    expect(await formerMembers({ ...context, away: new Set() })).toEqual([])
  })

  test.each([
    ['the API answers', { living: { clusterConfiguration: '', nodes: [] } }],
    ['it is silent', { silence: 'connection refused' }],
  ])('is refused by its place in the inventory when %s', async (_, answer) => {
    const context = contextOf([on(['worker'], unit)])
    const disk = {
      ...{ told: [], nodes: [], living: [], carrying: [] },
      ...{ runtimes: new Map(), versions: new Map(), etcdTags: new Map() },
    }
    const how = { guarded: false, leaves: () => false, more: await formerMembers(context) }
    expect(() => refuseChanges(context.spec, answer, disk, how)).toThrowError(
      expect.objectContaining({
        kind: 'inventory',
        why: expect.stringContaining('hosts.h3.roles is an etcd member in the cluster, worker here'),
      }),
    )
  })
})
