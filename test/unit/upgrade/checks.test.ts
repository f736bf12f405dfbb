import semver from 'semver'
import { describe, expect, it } from 'vitest'
import { known } from '../../../src/catalog.js'
import type { Context } from '../../../src/cluster/context.js'
import { InventoryError } from '../../../src/inventory/problem.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { goneEtcdFlags } from '../../../src/kubernetes/releases/gone-etcd-flags.js'
import { releases } from '../../../src/kubernetes/releases/index.js'
import type { HopView, Looks } from '../../../src/upgrade/checks/check.js'
import { upgradeChecks } from '../../../src/upgrade/checks/checks.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'
import { viewOf } from '../../support/upgrade-view.js'

/** "cp1 error RemovedFlags: what" */
const told = (view: HopView): string[] =>
  upgradeChecks.flatMap(({ name, run }) =>
    run(view).map(({ host, severity, what }) => `${host} ${severity} ${name}: ${what}`),
  )

const hops = releases.slice(1).map(({ minor }, i) => [releases[i]?.minor ?? '', minor] as const)

/** A control plane and a worker with this inventory. */
const withSpec = (over: Partial<ClusterSpec>, worker: Parameters<typeof machine>[0] = {}) => {
  const machines = [machine(), machine({ name: 'w1', roles: ['worker'], address: '10.88.0.21', ...worker })]
  return contextOf(machines, { spec: clusterSpec({ ...over, hosts: machines.map(({ spec }) => spec) }) })
}

const withLooks = (looks: Partial<Looks>, hop: readonly [string, string] = ['1.35', '1.36']): string[] =>
  told(viewOf(hop, { looks }))

describe('A cluster that is well, with an inventory of few words,', () => {
  it.each(hops)('can go from %s to %s', (from, to) => {
    expect(
      told(
        viewOf([from, to], { context: withSpec({ runtime: 'containerd' }), programsFor: known.programsFor }),
      ),
    ).toEqual([])
  })
})

describe('Names of checks', () => {
  it('are told apart', () => {
    const names = upgradeChecks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('A flag', () => {
  it.each([
    ['1.23', '1.24', 'network-plugin'],
    ['1.26', '1.27', 'container-runtime'],
    ['1.34', '1.35', 'pod-infra-container-image'],
    // and ever after
    ['1.35', '1.36', 'network-plugin'],
  ])('of kubelets stands in the way from %s to %s: %s', (from, to, flag) => {
    const context = withSpec({ kubelet: { config: {}, extraArgs: { [flag]: 'x' } } })
    const found = told(viewOf([from, to], { context }))
    expect(found).toHaveLength(2)
    expect(found[0]).toContain(`cp1 error RemovedFlags: kubelet is given --${flag} by kubelet.extraArgs (`)
  })

  it('stands in no way before it goes', () => {
    const context = withSpec({ kubelet: { config: {}, extraArgs: { 'container-runtime': 'remote' } } })
    expect(told(viewOf(['1.25', '1.26'], { context }))).toEqual([])
  })

  it('of one host is told of that one, and one of the API server of control planes', () => {
    const context = withSpec(
      { apiServer: { bindPort: 6443, certSANs: [], extraVolumes: [], extraArgs: { 'insecure-port': '0' } } },
      { kubeletExtraArgs: { 'cni-bin-dir': '/opt/cni/bin' } },
    )
    expect(told(viewOf(['1.23', '1.24'], { context })).map((text) => text.split(' by ')[0])).toEqual([
      'cp1 error RemovedFlags: kube-apiserver is given --insecure-port',
      'w1 error RemovedFlags: kubelet is given --cni-bin-dir',
    ])
  })

  it('in a file of a host is named with the file', () => {
    const kubelets = new Map([
      ['w1', [{ name: 'container-runtime', value: 'remote', from: '/etc/default/kubelet' }]],
    ])
    expect(withLooks({ kubelets }, ['1.26', '1.27'])).toEqual([
      'w1 error RemovedFlags: kubelet is given --container-runtime by /etc/default/kubelet; from Kubernetes 1.27 on it does not start with it',
    ])
  })
})

describe('An admission plugin', () => {
  const given = (extraArgs: Record<string, string>): Context =>
    withSpec({ apiServer: { bindPort: 6443, certSANs: [], extraVolumes: [], extraArgs } })

  it.each([
    ['1.20', '1.21', 'enable-admission-plugins', 'DenyEscalatingExec'],
    ['1.24', '1.25', 'enable-admission-plugins', 'PodSecurityPolicy'],
    ['1.29', '1.30', 'admission-control', 'SecurityContextDeny'],
    ['1.30', '1.31', 'disable-admission-plugins', 'PersistentVolumeLabel'],
  ])('stands in the way from %s to %s in --%s: %s', (from, to, flag, plugin) => {
    const found = told(viewOf([from, to], { context: given({ [flag]: `NodeRestriction, ${plugin}` }) }))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(
      `cp1 error RemovedAdmissionPlugins: kube-apiserver is given the admission plugin ${plugin} with --${flag} by apiServer.extraArgs (`,
    )
    expect(found[0]).toContain(`; from Kubernetes ${to} on it does not start with it`)
  })

  it('stands in no way before it goes, nor in a flag that lists something else', () => {
    const enabled = given({ 'enable-admission-plugins': 'NodeRestriction,PodSecurityPolicy' })
    expect(told(viewOf(['1.23', '1.24'], { context: enabled }))).toEqual([])
    const elsewhere = given({ 'tls-cipher-suites': 'PodSecurityPolicy' })
    expect(told(viewOf(['1.24', '1.25'], { context: elsewhere }))).toEqual([])
  })

  it('is told with each of the hops that it stands in the way of', () => {
    const context = given({ 'enable-admission-plugins': 'PodSecurityPolicy,SecurityContextDeny' })
    expect(told(viewOf(['1.35', '1.36'], { context }))).toHaveLength(2)
  })
})

describe('A flag of etcd', () => {
  const given = (extraArgs: Record<string, string>, etcd: Partial<ClusterSpec['etcd']> = {}): Context =>
    withSpec({
      etcd: {
        dataDir: '/var/lib/etcd',
        extraArgs,
        imageTag: undefined,
        install: { from: 'download' },
        ...etcd,
      },
    })

  it.each([
    ['1.21', '1.22', 'debug', '3.5'],
    ['1.33', '1.34', 'enable-v2', '3.6'],
    ['1.36', '1.37', 'experimental-compaction-batch-limit', '3.7'],
  ])('stands in the way from %s to %s, whose etcd does not have it: %s', (from, to, flag, since) => {
    const found = told(viewOf([from, to], { context: given({ [flag]: '1' }) }))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`cluster error RemovedEtcdFlags: etcd is given --${flag} by etcd.extraArgs (`)
    expect(found[0]).toContain(`, and from ${since} on it does not start with it`)
  })

  it('that etcd only calls deprecated stands in no way', () => {
    const context = given({ 'experimental-initial-corrupt-check': 'true' })
    expect(told(viewOf(['1.33', '1.34'], { context }))).toEqual([])
  })

  it('stands in no way where the inventory holds etcd back, or etcd is somebody else’s', () => {
    const extraArgs = { 'enable-v2': 'true' }
    expect(told(viewOf(['1.33', '1.34'], { context: given(extraArgs, { imageTag: '3.5.26-0' }) }))).toEqual(
      [],
    )
    const external = given(extraArgs, {
      external: { endpoints: ['https://e1:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' },
    })
    expect(told(viewOf(['1.33', '1.34'], { context: external }))).toEqual([])
  })

  it('is told with what to set in its place', () => {
    const context = given({
      'experimental-corrupt-check-time': '1h',
      'experimental-compact-hash-check-enabled': 'true',
      discovery: 'x',
    })
    const view = viewOf(['1.36', '1.37'], { context })
    expect(
      upgradeChecks
        .filter(({ name }) => name === 'RemovedEtcdFlags')
        .flatMap(({ run }) => run(view))
        .map(({ next }) => next),
    ).toEqual([
      'remove experimental-corrupt-check-time there, or set corrupt-check-time in its place',
      'remove experimental-compact-hash-check-enabled there, or set feature-gates with CompactHashCheck=true in its place',
      'remove discovery there',
    ])
  })
})

describe('A feature gate', () => {
  const gates = (value: string) =>
    withSpec({ controllerManager: { extraVolumes: [], extraArgs: { 'feature-gates': value } } })

  it('that is gone stands in the way', () => {
    const found = told(viewOf(['1.26', '1.27'], { context: gates('CSIMigration=true,SeccompDefault=true') }))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(
      /^cp1 error FeatureGates: kube-controller-manager is given the feature gate CSIMigration by/,
    )
  })

  it('that is locked stands in the way with the other value alone', () => {
    const view = (value: string): HopView =>
      viewOf(['1.26', '1.27'], { context: gates(`SeccompDefault=${value}`) })
    expect(told(view('true'))).toEqual([])
    expect(told(view('F'))).toHaveLength(1)
    expect(told(viewOf(['1.35', '1.36'], { context: gates('GitRepoVolumeDriver=true') }))).toHaveLength(1)
  })

  it('of the kubelet is read in its configuration too, of the cluster and of a host', () => {
    const context = withSpec(
      { kubelet: { config: { featureGates: { CPUManager: true } }, extraArgs: {} } },
      { kubeletConfig: { featureGates: { AppArmor: true } } },
    )
    expect(told(viewOf(['1.32', '1.33'], { context })).map((text) => text.split(' by ')[0])).toEqual([
      'cp1 error FeatureGates: kubelet is given the feature gate CPUManager',
      'w1 error FeatureGates: kubelet is given the feature gate CPUManager',
      'w1 error FeatureGates: kubelet is given the feature gate AppArmor',
    ])
  })
})

describe('A feature gate of kube-proxy', () => {
  it('is told of the cluster', () => {
    const context = withSpec({ kubeProxy: { config: { featureGates: { APIListChunking: true } } } })
    expect(told(viewOf(['1.32', '1.33'], { context })).map((text) => text.split(' by ')[0])).toEqual([
      'cluster error FeatureGates: kube-proxy is given the feature gate APIListChunking',
    ])
  })
})

describe('An inventory that is not valid for the new minor', () => {
  it('is told with places', () => {
    const spec = clusterSpec({
      atVersion: () => {
        throw new InventoryError('i.yaml', [
          {
            at: 'i.yaml:3:5',
            line: 3,
            column: 5,
            what: 'KubeletConfiguration of Kubernetes 1.24 has no x',
            write: 'remove it',
          },
        ])
      },
    })
    expect(told(viewOf(['1.23', '1.24'], { context: contextOf([machine()], { spec }) }))).toEqual([
      'i.yaml:3:5 error InventoryForVersion: KubeletConfiguration of Kubernetes 1.24 has no x',
    ])
  })
})

describe('Docker', () => {
  it('needs cri-dockerd from 1.24 on', () => {
    const of = (from: string, to: string): string[] =>
      told(viewOf([from, to], { context: withSpec({ runtime: 'docker' }), programsFor: known.programsFor }))
    expect(of('1.22', '1.23')).toEqual([])
    expect(of('1.23', '1.24').map((text) => text.replace(/^\S+ /, ''))).toEqual([
      'error RuntimePrograms: runtime docker requires cri-dockerd for Kubernetes 1.24, and neither the inventory nor a bundle has it',
    ])
  })
})

describe('APIs that go', () => {
  const request = (apiVersion: string, resource: string, removed: string) => ({
    requests: new Map([['cp1', { found: [{ apiVersion, resource, removed }] }]]),
  })

  it('stand in the way where they are requested, and only with the minor that no longer has them', () => {
    const looks = request('policy/v1beta1', 'poddisruptionbudgets', '1.25')
    expect(withLooks(looks, ['1.23', '1.24'])).toEqual([])
    const later = told(viewOf(['1.24', '1.25'], { looks, first: false }))
    expect(later.map((text) => text.split(' ')[1])).toEqual(['warning'])
    expect(withLooks(looks, ['1.24', '1.25'])).toEqual([
      'cp1 error RemovedAPIs: poddisruptionbudgets of policy/v1beta1 were requested, which Kubernetes 1.25 no longer has',
    ])
  })

  it('that controllers of Kubernetes ask for in every cluster are a warning', () => {
    expect(withLooks(request('policy/v1beta1', 'podsecuritypolicies', '1.25'), ['1.24', '1.25'])[0]).toMatch(
      /^cp1 warning/,
    )
  })

  it('stand in the way where objects of their kind are there, and warn where manifests use them', () => {
    const gone = {
      found: [
        {
          apiVersion: 'policy/v1beta1',
          resource: 'podsecuritypolicies',
          instead: undefined,
          objects: ['restricted'],
          writings: [],
        },
        {
          apiVersion: 'batch/v1beta1',
          resource: 'cronjobs',
          instead: 'batch/v1',
          objects: ['a', 'b'],
          writings: [{ object: 'shop/nightly', by: 'helm' }],
        },
      ],
    }
    expect(withLooks({ gone }, ['1.24', '1.25'])).toEqual([
      'cluster error RemovedObjects: 1 podsecuritypolicies (policy/v1beta1) are in the cluster, a kind that Kubernetes 1.25 no longer has: restricted',
      'cluster warning RemovedObjects: 1 cronjobs were written by batch/v1beta1, which Kubernetes 1.25 no longer has: shop/nightly (helm)',
    ])
  })
})

describe('etcd', () => {
  const member = (version: string, over: object = {}) => ({
    etcd: {
      found: [
        {
          name: 'cp1',
          endpoint: '',
          state: 'leader' as const,
          votes: true,
          version,
          size: 0,
          detail: '',
          ...over,
        },
      ],
    },
  })

  it.each([
    ['3.5.15', '1.33', '1.34', 'error'],
    ['3.5.24', '1.33', '1.34', 'warning'],
    ['3.5.26', '1.33', '1.34', undefined],
    ['3.4.13', '1.21', '1.22', undefined],
    ['3.4.13', '1.33', '1.34', 'error'],
    ['3.6.5', '1.34', '1.35', undefined],
    ['3.7.0', '1.35', '1.36', 'error'],
  ])('%s, from %s to %s: %s', (version, from, to, severity) => {
    const found = withLooks(member(version), [from, to])
    expect(found.map((text) => text.split(' ')[1])).toEqual(severity === undefined ? [] : [severity])
  })

  it('that the inventory holds back is too old one day', () => {
    const spec = clusterSpec()
    const context = contextOf([machine()], {
      spec: {
        ...spec,
        etcd: { ...spec.etcd, imageTag: '3.4.23-0' },
        atVersion: () => ({ ...spec, etcd: { ...spec.etcd, imageTag: '3.4.23-0' } }),
      },
    })
    const found = told(viewOf(['1.30', '1.31'], { context, looks: member('3.4.23') }))
    expect(found).toEqual([
      'cp1 error EtcdUpgrade: etcd would be 3.4.23, and Kubernetes 1.31 requires at least 3.5.24',
    ])
  })

  it.each([
    ['download', ['cp1 error EtcdUpgrade: etcd is 3.4.13; it cannot skip a minor to 3.6.5']],
    ['package', []],
  ] as const)('on hosts of its own follows the release where it comes by %s', (from, problems) => {
    const spec = clusterSpec()
    const own = {
      ...spec,
      etcd: {
        ...spec.etcd,
        install: { from },
        external: { endpoints: ['https://10.88.0.31:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' },
      },
    } as ClusterSpec
    const context = contextOf([machine()], {
      spec: { ...own, atVersion: () => own },
      etcdHosts: { order: [] } as unknown as Context['etcdHosts'],
    })
    const found = told(viewOf(['1.33', '1.34'], { context, looks: member('3.4.13') }))
    expect(found.filter((text) => text.includes('EtcdUpgrade'))).toEqual(problems)
  })

  it('has to be whole', () => {
    expect(withLooks(member('3.6.6', { state: 'does not answer', detail: 'refused' }))).toEqual([
      'cp1 error EtcdHealthy: etcd member cp1 does not answer: refused',
    ])
    expect(withLooks(member('3.6.6', { votes: false }))).toHaveLength(1)
    expect(withLooks(member('3.6.6', { detail: 'alarm NOSPACE' }))).toHaveLength(1)
  })

  it('needs room for a snapshot and a copy', () => {
    expect(withLooks(member('3.6.6', { size: 8 * 2 ** 40 }))[0]).toMatch(
      /^cp1 error EtcdCopySpace: \d+ MiB free/,
    )
  })
})

describe('A cluster that is not well', () => {
  it('is not interrupted further', () => {
    const nodes = {
      found: [
        { name: 'w1', ready: false, message: 'PLEG is not healthy', cordoned: false },
        { name: 'w2', ready: true, message: '', cordoned: true },
      ],
    }
    expect(withLooks({ nodes })).toEqual([
      'w1 error NodesReady: the node is not Ready: PLEG is not healthy',
      'w2 warning NodesReady: the node is cordoned: Pods of other nodes that are drained cannot go there',
    ])
  })

  it('because of certificates is told by who renews them', () => {
    const now = contextOf([machine()]).now().getTime()
    const row = (name: string, days: number, renewedBy: 'up' | 'kubelet' | 'nobody') => ({
      host: 'cp1',
      name,
      expires: new Date(now + days * 86_400_000 + 1000),
      state: days < 0 ? ('expired' as const) : ('valid' as const),
      renewedBy,
    })
    const found = [
      row('ca', 3, 'nobody'),
      row('apiserver', 3, 'up'),
      row('admin.conf', -2, 'up'),
      row('kubelet.conf', 30, 'kubelet'),
    ]
    expect(withLooks({ certificates: { found } })).toEqual([
      'cp1 warning CertificatesValid: ca expires in 3 days',
      'cp1 error CertificatesValid: admin.conf has expired',
    ])
  })
})

describe('What could not be looked at', () => {
  it('stands in the way', () => {
    const couldNot = 'could not check x: no answer'
    const found = withLooks({
      requests: new Map([['cp1', { couldNot }]]),
      gone: { couldNot },
      nodes: { couldNot },
      etcd: { couldNot },
      certificates: { couldNot },
    })
    expect(found.map((text) => text.split(':')[0])).toEqual([
      'cp1 error RemovedAPIs',
      'cluster error RemovedObjects',
      'cluster error EtcdUpgrade',
      'cluster error NodesReady',
      'cluster error EtcdHealthy',
      'cluster error CertificatesValid',
    ])
  })

  it('is told of the first hop alone', () => {
    const nodes = { couldNot: 'x' }
    expect(told(viewOf(['1.35', '1.36'], { first: false, looks: { nodes } }))).toEqual([])
  })
})

describe('The release data', () => {
  it('refuses nothing that kubestrap itself gives to components of the minor', () => {
    const clash = releases.flatMap(({ minor, refused, staticPods, kubelet }) => [
      ...Object.entries(staticPods.flags).flatMap(([component, flags]) =>
        Object.keys(flags)
          .filter(
            (flag) =>
              component !== 'etcd' && flag in (refused.flags[component as keyof typeof refused.flags] ?? {}),
          )
          .map((flag) => `${minor} ${component} ${flag}`),
      ),
      ...Object.values(kubelet.runtimeFlags).flatMap((flags) =>
        Object.keys(flags)
          .filter((flag) => flag in refused.flags.kubelet)
          .map((flag) => `${minor} kubelet ${flag}`),
      ),
    ])
    expect(clash).toEqual([])
  })

  it('gives no etcd a flag that it does not have', () => {
    const clash = releases.flatMap(({ minor, images, staticPods }) =>
      Object.keys(staticPods.flags.etcd)
        .filter((flag) => {
          const gone = goneEtcdFlags[flag]
          return gone && semver.gte(semver.coerce(images.etcd) ?? '', `${gone.since}.0`)
        })
        .map((flag) => `${minor} ${flag}`),
    )
    expect(clash).toEqual([])
  })
})
