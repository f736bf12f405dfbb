import { describe, expect, it } from 'vitest'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { catalog } from '../../../src/catalog.js'
import type { Context } from '../../../src/cluster/context.js'
import type { Upgrade } from '../../../src/cluster/upgrade.js'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import { Late } from '../../../src/engine/late.js'
import { placeTransactions } from '../../../src/engine/transaction.js'
import { Secret } from '../../../src/lib/secret.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { dockerByCri } from '../../../src/runtimes/docker/cri-dockerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { up } from '../../../src/workflows/up.js'
import { inUpgradeOrder, upgradeWords } from '../../../src/workflows/upgrade-order.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const pods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

function graphOf(names: readonly string[], planes: readonly string[], over: Partial<Context> = {}): Graph {
  const machines = names.map((name, i) =>
    machine(
      {
        name: name.replace('+', ''),
        address: `10.88.0.${i + 11}`,
        roles: [name.startsWith('cp') ? 'control-plane' : name.startsWith('lb') ? 'load-balancer' : 'worker'],
      },
      { kubernetes: !name.endsWith('+') },
    ),
  )
  const spec = clusterSpec({ hosts: machines.map((one) => one.spec) })
  const upgrade: Upgrade = {
    from: '1.19.9',
    to: '1.20.2',
    planes,
    untouched: new Set(planes),
    begun: false,
    silent: false,
    kubelets: new Set(names),
    drained: new Set(names),
  }
  const [network] = catalog.networks
  const context = contextOf(machines, {
    spec,
    upgrade,
    network,
    planes: {
      leader: machines.find(({ spec: one }) => one.roles.includes('control-plane')),
      joining: new Set(names.filter((name) => /^cp.*\+$/.test(name)).map((name) => name.replace('+', ''))),
      halfAdded: new Set(),
      estranged: new Set(),
    },
    podCidrs: new Map(machines.map((one) => [one.spec.name, new Late('its Pod subnet')])),
    ...over,
  })
  return inUpgradeOrder(buildGraph(up.phases, context), context, upgrade)
}

/** All that a step waits for, near and far. */
function allBefore({ nodes }: Graph, key: string): Set<string> {
  const byKey = new Map(nodes.map((node) => [node.key, node]))
  const found = new Set<string>()
  const visit = (one: string): void => {
    for (const before of keysBehind(byKey.get(one)?.after ?? []))
      if (!found.has(before)) {
        found.add(before)
        visit(before)
      }
  }
  visit(key)
  return found
}
const manifest = (host: string, pod: string): string => `${host}/file:/etc/kubernetes/manifests/${pod}.yaml`

const topologies: [string[], string[]][] = [
  [['cp1', 'w1', 'w2'], ['cp1']],
  [
    ['cp1', 'cp2', 'cp3', 'w1', 'w2', 'lb1'],
    ['cp1', 'cp2', 'cp3'],
  ],
  // one was done before the run was cut; another joins
  [['cp1', 'cp2', 'cp3+', 'w1', 'w2+'], ['cp2']],
  [['cp1', 'cp2', 'w1'], []],
]

// etcd of its turn ends the API server beside it, which comes back as it was: it may not know what the new one reads
it('a file of the API server is written in the turn of its node, behind etcd', () => {
  const hosts = ['cp1', 'cp2'].map((name, i) => machine({ name, address: `10.88.0.${i + 11}` }).spec)
  const path = '/etc/kubernetes/audit/policy.yaml'
  const policy = { name: 'audit', hostPath: path, mountPath: path, readOnly: true, pathType: 'File' } as const
  const apiServer = {
    bindPort: 6443,
    certSANs: [],
    extraArgs: {},
    extraVolumes: [{ ...policy, source: '/home/ops/policy.yaml' }],
  }
  const graph = graphOf(['cp1', 'cp2'], ['cp1', 'cp2'], {
    spec: clusterSpec({ hosts, apiServer }),
    volumeFiles: new Map([['/home/ops/policy.yaml', new Secret('apiVersion: audit.k8s.io/v1\n')]]),
  })
  for (const name of ['cp1', 'cp2']) {
    const before = allBefore(graph, `${name}/file:${path}`)
    expect(before).toContain(manifest(name, 'etcd'))
    expect(before).toContain(`${name}/backup`)
    expect(allBefore(graph, manifest(name, 'kube-apiserver'))).toContain(`${name}/file:${path}`)
  }
  expect(allBefore(graph, `cp2/file:${path}`)).toContain(manifest('cp1', 'kube-scheduler'))
})

describe.each(topologies)('the order of an upgrade of %j, of which %j change', (names, planes) => {
  const graph = graphOf(names, planes, { balancer: names.includes('lb1') ? haproxy : undefined })
  const keys = graph.nodes.map(({ key }) => key)
  const living = names.filter((name) => !name.endsWith('+') && !name.startsWith('lb'))

  it('upgrades every API server before any kubelet, kube-proxy, and what is there once', () => {
    const late = [
      ...living.flatMap((name) => [`${name}/binary:/usr/bin/kubelet`, `${name}/service:kubelet.service`]),
      ...living.map((name) => `${name}/file:/var/lib/kubelet/config.yaml`),
      ...keys.filter((key) => /^cluster\/object:.*(kube-proxy|kubeadm-config|kubelet-config)/.test(key)),
    ]
    expect(late.length).toBeGreaterThanOrEqual(3 * living.length + 3)
    for (const key of late) {
      expect(keys).toContain(key)
      const before = allBefore(graph, key)
      for (const name of planes) expect(before, key).toContain(manifest(name, 'kube-apiserver'))
    }
  })

  it('takes control plane nodes one after the other, and of each what is asked first', () => {
    const turns = planes.flatMap((name) => pods.map((pod) => manifest(name, pod)))
    for (const [i, key] of turns.entries()) if (i > 0) expect(allBefore(graph, key)).toContain(turns[i - 1])
  })

  it('has every image on every node, and the backup, before the first change', () => {
    const [first] = planes
    if (first === undefined) return
    const before = allBefore(graph, manifest(first, 'etcd'))
    expect(before).toContain(`${first}/backup`)
    // what runs uses certificates and kubeconfigs from the moment they are written
    for (const key of keys.filter(
      (one) => one.startsWith(`${first}/certificate:`) || /kubeconfig:/.test(one),
    ))
      if (graph.nodes.some((node) => node.key === key && ['pki', 'kubeconfigs'].includes(node.phase)))
        expect(allBefore(graph, key), key).toContain(`${first}/backup`)
    for (const name of living) {
      const images = keys.filter((key) => key.startsWith(`${name}/image`))
      expect(images.length).toBeGreaterThan(0)
      for (const key of images) expect(before).toContain(key)
      expect(before).toContain(`${name}/staged:/usr/bin/kubelet`)
    }
    expect([...before].filter((key) => /service:(kubelet|docker|containerd)/.test(key))).toEqual([])
  })

  it('lets no transactions wait for each other, and has every step', () => {
    for (const runtime of [docker, dockerByCri, containerd]) {
      const one = graphOf(names, planes, { runtime })
      expect(() => placeTransactions(one)).not.toThrow()
    }
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('packages of Kubernetes in an upgrade', () => {
  const repository = {
    wish: {
      name: 'kubernetes',
      url: 'https://pkgs.test/deb/',
      suite: '/',
      components: [],
      signedLists: true,
    },
    key: 'a key',
  }
  const { minor } = machine({ name: 'w1', roles: ['worker'] }).release.wanted
  const graph = graphOf(['cp1', 'w1', 'w2+'], ['cp1'], {
    kubernetesRepositories: { [minor]: { deb: repository } },
  })

  it('are on every node before the first change, and are installed in the turn of the node', () => {
    const before = allBefore(graph, manifest('cp1', 'etcd'))
    for (const name of ['cp1', 'w1']) {
      expect(before).toContain(`${name}/packages-fetched:kubernetes`)
      expect(before).not.toContain(`${name}/packages:kubernetes`)
      expect(allBefore(graph, `${name}/packages:kubernetes`)).toContain(manifest('cp1', 'kube-apiserver'))
    }
  })

  it('are installed at once on a machine that is no node yet', () => {
    expect(graph.nodes.map(({ key }) => key)).toContain('w2/packages:kubernetes')
    expect(graph.nodes.map(({ key }) => key)).not.toContain('w2/packages-fetched:kubernetes')
  })
})

describe('an upgrade in words', () => {
  const upgrade: Upgrade = {
    from: '1.35.6',
    to: '1.36.3',
    planes: ['cp1', 'cp2'],
    untouched: new Set(),
    begun: false,
    silent: false,
    kubelets: new Set(['w1']),
    drained: new Set(['w1']),
  }

  it.each<[Partial<Upgrade>, string]>([
    [{}, 'control plane nodes first, one after the other (cp1, cp2); then kubelets, each after a drain'],
    [
      { drained: new Set() },
      'control plane nodes first, one after the other (cp1, cp2); then kubelets, without drains',
    ],
    [{ planes: [] }, 'kubelets, each after a drain'],
    [{ kubelets: new Set() }, 'control plane nodes first, one after the other (cp1, cp2)'],
  ])('says what goes first: %o', (over, words) => {
    expect(upgradeWords({ ...upgrade, ...over })).toBe(`upgrade from 1.35.6 to 1.36.3: ${words}`)
  })
})
