import { describe, expect, test } from 'vitest'
import type { Balancer } from '../../../src/balancers/balancer.js'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { kubeVip } from '../../../src/balancers/kube-vip/kube-vip.js'
import { nodeLocal } from '../../../src/balancers/node-local.js'
import type { Context } from '../../../src/cluster/context.js'
import type { Machine } from '../../../src/cluster/machine.js'
import { buildGraph, type Graph } from '../../../src/engine/graph.js'
import type { ClusterSpec, LoadBalancerSpec } from '../../../src/inventory/spec.js'
import { checks } from '../../../src/preflight/checks.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { runChecks } from '../../../src/preflight/run-checks.js'
import { refusals } from '../../../src/preflight/unchangeable.js'
import { neededWays } from '../../../src/preflight/ways.js'
import { balancerMachine } from '../../../src/steps/balancer/balancer-settings.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine, withVersion } from '../../support/context.js'
import { earlier } from '../../support/graph.js'

const eth0 = (address: string) => ({
  interfaces: [
    { name: 'lo', mtu: 65536, addresses: ['127.0.0.1'] },
    { name: 'eth1', mtu: 1500, addresses: [address] },
  ],
})
const balancer = (n: number, facts: Partial<Machine['facts']> = {}): Machine => {
  const address = `10.88.0.3${n}`
  return machine({ name: `lb${n}`, address, roles: ['load-balancer'] }, { ...eth0(address), ...facts })
}
const cp1 = machine({}, eth0('10.88.0.15'))
const w1 = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] }, eth0('10.88.0.21'))
const both = machine({ roles: ['control-plane', 'load-balancer'] }, eth0('10.88.0.15'))

/** A run with this balancer. */
function balanced(
  kind: Balancer,
  those: readonly Machine[],
  over: { virtualIp?: string; interface?: string; version?: string } = {},
): Context {
  const { version = '1.20.2' } = over
  const machines = those.map((one) => withVersion(version, one))
  const base = contextOf(machines)
  const loadBalancer: LoadBalancerSpec = {
    type: kind.id,
    virtualIp: over.virtualIp,
    interface: over.interface,
    routerId: 10,
    image: undefined,
  }
  const spec: ClusterSpec = {
    ...base.spec,
    version,
    loadBalancer,
    endpointAddress: over.virtualIp ?? '10.88.0.31',
  }
  return {
    ...base,
    spec,
    balancer: kind,
  }
}

const graphOf = (context: Context): Graph => buildGraph(up.phases, context)
const idsOn = (graph: Graph, target: string): string[] =>
  graph.nodes.filter(({ step }) => step.target === target).map(({ step }) => step.id)

describe('a machine that only balances', () => {
  const context = balanced(haproxy, [cp1, w1, balancer(1), balancer(2)], { virtualIp: '10.88.0.10' })
  const graph = graphOf(context)

  test('gets the balancer and nothing else, least of all a kubelet', () => {
    expect(idsOn(graph, 'lb2').sort()).toEqual([
      'balancer-leftovers',
      'file:/etc/kubestrap/haproxy/haproxy.cfg',
      'file:/etc/kubestrap/keepalived/keepalived.conf',
      'file:/etc/systemd/system/kubestrap-haproxy.service',
      'file:/etc/systemd/system/kubestrap-keepalived.service',
      'packages:balancer',
      'proxy-gone',
      'service:kubestrap-haproxy.service',
      'service:kubestrap-keepalived.service',
    ])
    expect(graph.nodes.some(({ key }) => key.startsWith('cluster/') && key.includes('lb1'))).toBe(false)
  })

  test('waits for nobody else', () => {
    const mine = earlier(graph, 'lb1/service:kubestrap-keepalived.service')
    expect([...mine].every((key) => key.startsWith('lb1/'))).toBe(true)
    expect(mine).toContain('lb1/packages:balancer')
    expect(mine).toContain('lb1/service:kubestrap-haproxy.service')
  })

  test('is there before kubelets ask at the endpoint', () => {
    const units = ['lb1', 'lb2'].map((name) => `${name}/service:kubestrap-keepalived.service`)
    for (const key of ['cp1/service:kubelet.service', 'w1/join'])
      expect([...earlier(graph, key)]).toEqual(expect.arrayContaining(units))
  })

  test('need be neither large nor of the bundle’s architecture nor of a name of its own', () => {
    const odd = { arch: 'arm64', diskFreeMiB: 100, swaps: ['/dev/sda2'], missingModules: ['overlay'] }
    const machines = [cp1, balancer(1, { ...odd, hostname: 'cp1' }), balancer(2)]
    const findings = runChecks(
      balanced(haproxy, machines, { virtualIp: '10.88.0.10' }),
      notCloser,
      checks,
      [],
    )
    expect(findings).toEqual([])
  })

  test('is reached by nodes at its own address, and reaches the API servers', () => {
    const ways = neededWays(context, ({ spec }) => !spec.name.startsWith('lb'))
    const shown = ways.map(({ from, address, port }) => `${from.spec.name} ${address} ${port}`)
    expect(shown).toEqual([
      'w1 10.88.0.15 6443',
      'lb1 10.88.0.15 6443',
      'lb2 10.88.0.15 6443',
      'cp1 10.88.0.31 6443',
      'cp1 10.88.0.32 6443',
      'w1 10.88.0.31 6443',
      'w1 10.88.0.32 6443',
      'cp1 10.88.0.21 10250',
    ])
  })

  test('was no node before', () => {
    const living = {
      clusterConfiguration: '{}',
      nodes: [{ name: 'lb1', address: '10.88.0.31', runtime: '', controlPlane: false, ready: true }],
    }
    expect(refusals(context.spec, living)).toEqual([
      expect.objectContaining({ field: 'hosts.lb1.roles', is: 'a worker', wanted: 'not a node' }),
    ])
  })
})

describe('a control plane that balances as well', () => {
  test('gets its packages with those of the node, by one installation', () => {
    const graph = graphOf(balanced(haproxy, [both, w1]))
    expect(idsOn(graph, 'cp1').filter((id) => id.startsWith('packages:'))).toEqual(['packages:node'])
    expect(earlier(graph, 'cp1/service:kubestrap-haproxy.service')).toContain('cp1/packages:node')
    expect(earlier(graph, 'cp1/service:kubelet.service')).toContain('cp1/service:kubestrap-haproxy.service')
  })
})

describe('node-local', () => {
  test('is on every node before its kubelet', () => {
    const graph = graphOf(balanced(nodeLocal, [cp1, w1]))
    expect(earlier(graph, 'cp1/service:kubelet.service')).toContain('cp1/service:kubestrap-haproxy.service')
    expect(earlier(graph, 'w1/join')).toContain('w1/service:kubestrap-haproxy.service')
  })
})

describe('kube-vip', () => {
  const graphAt = (version: string): Graph =>
    graphOf(balanced(kubeVip, [cp1, w1], { virtualIp: '10.88.0.10', version }))

  test('installs nothing, and its manifest lies there before the kubelet starts', () => {
    const graph = graphAt('1.20.2')
    const manifest = 'cp1/file:/etc/kubernetes/manifests/kube-vip.yaml'
    expect(idsOn(graph, 'cp1')).not.toContain('packages:balancer')
    expect(earlier(graph, 'cp1/service:kubelet.service')).toContain(manifest)
    expect(earlier(graph, manifest)).toContain('cp1/kubeconfig:admin.conf')
  })

  test('begins with other rights where the minor asks for it, and settles after the cluster has its objects', () => {
    const graph = graphAt('1.36.2')
    expect(earlier(graph, 'cp1/service:kubelet.service')).toContain('cp1/manifest:kube-vip')
    const settled = earlier(graph, 'cp1/file:/etc/kubernetes/manifests/kube-vip.yaml')
    expect(settled).toContain('cluster/api-ready')
    expect([...settled].some((key) => key.includes('cluster-admins'))).toBe(true)
  })
})

describe('preflight', () => {
  const found = (machines: readonly Machine[], over: Parameters<typeof balanced>[2] = {}): string[] =>
    runChecks(balanced(haproxy, [cp1, ...machines], over), notCloser, checks, []).map(
      ({ host, check, severity }) => `${host} ${check} ${severity}`,
    )
  const virtualIp = '10.88.0.10'

  test('warns where one machine’s loss is the API’s', () => {
    expect(found([balancer(1)])).toEqual([])
    expect(found([balancer(1)], { virtualIp })).toEqual(['lb1 BalancerRedundancy warning'])
    expect(found([balancer(1), balancer(2)])).toEqual(['lb1 BalancerRedundancy warning'])
    expect(found([balancer(1), balancer(2)], { virtualIp })).toEqual([])
  })

  test('refuses an interface that is not there', () => {
    expect(found([balancer(1), balancer(2)], { virtualIp, interface: 'eth9' })).toEqual([
      'lb1 VirtualIP error',
      'lb2 VirtualIP error',
    ])
  })
})

test('the virtual IP goes to the interface with the machine’s address, or to the one that is named', () => {
  const machines = [cp1, balancer(1, { defaultInterface: 'eth0' })]
  const at = (name?: string): string =>
    balancerMachine(
      balanced(haproxy, machines, { virtualIp: '10.88.0.10', ...(name ? { interface: name } : {}) }),
      machines[1] ?? cp1,
    ).interface
  expect([at(), at('bond0')]).toEqual(['eth1', 'bond0'])
})
