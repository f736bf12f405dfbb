import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../../src/catalog.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { toldByFiles } from '../../../src/preflight/on-disk.js'
import { readOnDisk } from '../../../src/preflight/read-on-disk.js'
import { refuseChanges } from '../../../src/preflight/refuse-changes.js'
import { contextOf, machine } from '../../support/context.js'
import { type FakeOptions, fakeHost } from '../../support/fake-host.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const signs = { networks: catalog.networks, runtimes: catalog.runtimes }
const cni = '/etc/cni/net.d/10-kubestrap-bridge.conflist'

/** Files of a control plane as kubeadm itself wrote them. */
function byKubeadm(release: string): Record<string, string> {
  const read = (name: string): string =>
    readFileSync(new URL(`../../golden/data/${release}/files/${name}`, import.meta.url), 'utf8')
  const manifests = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const of = (names: readonly string[], directory: string): [string, string][] =>
    names.map((name) => [`${directory}/${name}`, read(name)])
  return Object.fromEntries([
    ...of(
      [...manifests, ...(release.endsWith('stacked') ? ['etcd'] : [])].map((name) => `${name}.yaml`),
      '/etc/kubernetes/manifests',
    ),
    ...of(
      ['config.yaml', 'kubeadm-flags.env', ...(release.startsWith('v1.36') ? ['instance-config.yaml'] : [])],
      '/var/lib/kubelet',
    ),
    [cni, '{}'],
    ['/var/lib/kubelet/pods', ''],
  ])
}

const endpoints = ['31', '32', '33'].map((n) => `https://10.88.0.${n}:2379`)
const external = { endpoints, caFile: '/a', certFile: '/b', keyFile: '/c' }
const specs: Record<string, ClusterSpec> = {
  'v1.20.2-stacked': clusterSpec(),
  'v1.36.2-stacked': clusterSpec({ version: '1.36.2', minor: '1.36', runtime: 'containerd' }),
  'v1.36.2-external': clusterSpec({
    version: '1.36.2',
    minor: '1.36',
    runtime: 'containerd',
    etcd: { ...clusterSpec().etcd, external },
  }),
}
const releases = Object.keys(specs)
const specOf = (release: string): ClusterSpec => specs[release] ?? clusterSpec()

/** What is refused on a control plane with these files when its API is silent. */
async function refused(
  spec: ClusterSpec,
  files: Record<string, string>,
  { guarded = false, fake = {} }: { guarded?: boolean; fake?: FakeOptions } = {},
): Promise<{ message: string; why: string } | undefined> {
  const [own = hostSpec()] = spec.hosts
  const plane = { ...machine(own, { kubernetes: true }), host: fakeHost('cp1', { files, ...fake }) }
  const disk = await readOnDisk(contextOf([plane], { spec }), signs)
  try {
    refuseChanges(spec, { silence: 'connection refused' }, disk, { guarded, leaves: () => false, more: [] })
    return undefined
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { message: error.message, why: 'why' in error ? String(error.why) : '' }
  }
}
const wal = { '/var/lib/etcd/member/wal': '' }

describe('when the API does not answer, what lies on disk', () => {
  test.each(releases)('tells everything that cannot be changed, of files of kubeadm %s', async (release) => {
    const spec = specOf(release)
    const told = toldByFiles(spec, hostSpec(), new Map(Object.entries(byKubeadm(release))), signs)
    expect([...new Set(told.map(({ field }) => field))].sort()).toEqual(
      [
        ...(release.endsWith('external') ? ['etcd.endpoints'] : ['etcd.dataDir']),
        'etcd',
        'kubernetes.version',
        'network',
        'networking.dnsDomain',
        'networking.podSubnet',
        'networking.serviceSubnet',
        'runtime',
      ].sort(),
    )
    expect(await refused(spec, { ...byKubeadm(release), ...wal })).toBeUndefined()
  })

  const networking = clusterSpec().networking
  const changes: [field: string, over: Partial<ClusterSpec>][] = [
    ['kubernetes.version', { version: '1.99.9' }],
    ['networking.podSubnet', { networking: { ...networking, podSubnet: '10.99.0.0/16' } }],
    ['networking.serviceSubnet', { networking: { ...networking, serviceSubnet: '10.98.0.0/16' } }],
    ['networking.dnsDomain', { networking: { ...networking, dnsDomain: 'other.local' } }],
    ['runtime', { runtime: 'other' }],
    ['network', { network: 'flannel' }],
    ['hosts.cp1.roles', { hosts: [hostSpec({ roles: ['worker'] })] }],
    ['hosts.cp1.address', { hosts: [hostSpec({ address: '10.88.0.99' })] }],
  ]
  describe.each(releases)('%s', (release) => {
    test.each(changes)('refuses a changed %s by its field', async (field, over) => {
      const spec = { ...specOf(release), ...over }
      const found = await refused(spec, { ...byKubeadm(release), ...wal })
      expect(found?.why).toContain(`${field} is `)
    })
  })

  test('refuses another topology of etcd, another directory of its data, and another external etcd', async () => {
    const stacked = specOf('v1.36.2-stacked')
    const outside = specOf('v1.36.2-external')
    const files = { ...byKubeadm('v1.36.2-stacked'), ...wal }
    expect((await refused(outside, files))?.why).toContain('etcd is stacked (cp1: /etc/kubernetes/manifests')
    expect((await refused(stacked, byKubeadm('v1.36.2-external')))?.why).toContain('etcd is external')
    const moved = { ...stacked, etcd: { ...stacked.etcd, dataDir: '/data/etcd' } }
    expect((await refused(moved, files))?.why).toContain('etcd.dataDir is /var/lib/etcd')
    const other = {
      ...outside,
      etcd: { ...outside.etcd, external: { ...external, endpoints: ['https://e9:2379'] } },
    }
    expect((await refused(other, byKubeadm('v1.36.2-external')))?.why).toContain(
      'etcd is https://10.88.0.31:2379',
    )
  })

  test('says which file tells it, and of several how many more', async () => {
    const found = await refused(
      { ...clusterSpec(), version: '1.22.9' },
      { ...byKubeadm('v1.20.2-stacked'), ...wal },
    )
    expect(found?.why).toContain(
      'kubernetes.version is v1.20.2 (cp1: /etc/kubernetes/manifests/kube-apiserver.yaml and 2 more) in the cluster, v1.22.9 here',
    )
  })

  test('stops the run when neither it nor the API tells, by the name of what could not be checked', async () => {
    const { '/etc/kubernetes/manifests/kube-controller-manager.yaml': _, ...rest } =
      byKubeadm('v1.20.2-stacked')
    const files = { ...rest, ...wal }
    const found = await refused(clusterSpec(), files)
    expect(found?.message).toBe('could not check whether the inventory changes networking.podSubnet')
    expect(found?.why).toContain('cp1 has a cluster; its API could not be read (connection refused)')
    // a guard that refuses says more
    expect(await refused(clusterSpec(), files, { guarded: true })).toBeUndefined()
    // a file that is no YAML tells nothing, either
    const broken = { ...byKubeadm('v1.20.2-stacked'), ...wal, '/var/lib/kubelet/config.yaml': '{' }
    expect((await refused(clusterSpec(), broken))?.message).toContain('networking.dnsDomain')
  })

  test('is no cluster before etcd has data: an inventory may change until then', async () => {
    const changed = { ...clusterSpec(), version: '1.22.9' }
    expect(await refused(changed, byKubeadm('v1.20.2-stacked'))).toBeUndefined()
    expect(await refused(changed, {})).toBeUndefined()
    // with an etcd elsewhere: before its kubelet has run
    const { '/var/lib/kubelet/pods': _, ...begun } = byKubeadm('v1.36.2-external')
    expect(await refused({ ...specOf('v1.36.2-external'), version: '1.36.9' }, begun)).toBeUndefined()
    const { '/etc/kubernetes/manifests/kube-controller-manager.yaml': __, ...part } = begun
    expect(await refused(specOf('v1.36.2-external'), part)).toBeUndefined()
  })

  test('of a host that gives no answer is not known: the run stops', async () => {
    const silent = { ...machine({}, { kubernetes: true }), host: fakeHost('cp1') }
    silent.host.stat = () => Promise.reject(new NoAnswer('no answer within 10 s', { host: 'cp1' }))
    await expect(readOnDisk(contextOf([silent]), signs)).rejects.toThrow('no answer within 10 s')
  })

  test('is compared by value: an IPv6 subnet written differently is the same', async () => {
    const files = byKubeadm('v1.20.2-stacked')
    const path = '/etc/kubernetes/manifests/kube-controller-manager.yaml'
    const written = {
      ...files,
      ...wal,
      [path]: (files[path] ?? '').replace('10.244.0.0/16', '2001:DB8:0::/64'),
    }
    const spec = clusterSpec({ networking: { ...networking, podSubnet: '2001:db8::/64' } })
    expect(await refused(spec, written)).toBeUndefined()
  })

  test('says nothing of a flag that the inventory itself sets', async () => {
    const files = byKubeadm('v1.20.2-stacked')
    const path = '/etc/kubernetes/manifests/kube-controller-manager.yaml'
    const own = {
      ...files,
      ...wal,
      [path]: (files[path] ?? '').replace('--cluster-cidr=10.244.0.0/16', '--cluster-cidr=10.0.0.0/8'),
    }
    const spec = clusterSpec({
      controllerManager: { extraVolumes: [], extraArgs: { 'cluster-cidr': '10.0.0.0/8' } },
    })
    expect(await refused(spec, own)).toBeUndefined()
    expect((await refused(clusterSpec(), own))?.why).toContain('networking.podSubnet is 10.0.0.0/8')
  })
})

describe('when the API answers', () => {
  const living = {
    clusterConfiguration: 'kubernetesVersion: v1.20.2\nnetworking: { podSubnet: 10.244.0.0/16 }\n',
    nodes: [],
  }

  test('it tells, and a file that says otherwise is drift that up mends; what it does not tell is on disk', async () => {
    const files: Record<string, string> = { ...byKubeadm('v1.20.2-stacked'), ...wal }
    const path = '/etc/kubernetes/manifests/kube-scheduler.yaml'
    const drifted = { ...files, [path]: (files[path] ?? '').replace('v1.20.2', 'v1.20.9') }
    const plane = { ...machine({}, { kubernetes: true }), host: fakeHost('cp1', { files: drifted }) }
    const disk = await readOnDisk(contextOf([plane]), signs)
    expect(() =>
      refuseChanges(clusterSpec(), { living }, disk, { guarded: false, leaves: () => false, more: [] }),
    ).not.toThrow()
    expect(() =>
      refuseChanges(clusterSpec({ network: 'flannel' }), { living }, disk, {
        guarded: false,
        leaves: () => false,
        more: [],
      }),
    ).toThrowError(
      expect.objectContaining({ why: expect.stringContaining('network is bridge (cp1: /etc/cni/net.d/') }),
    )
  })
})
