import { describe, expect, test } from 'vitest'
import type { Context } from '../../../src/cluster/context.js'
import type { Machine } from '../../../src/cluster/machine.js'
import { checks } from '../../../src/preflight/checks.js'
import { type Closer, notCloser } from '../../../src/preflight/closer.js'
import type { FoundRuntime } from '../../../src/preflight/presence.js'
import { runChecks, stopOn } from '../../../src/preflight/run-checks.js'
import { neededWays } from '../../../src/preflight/ways.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { releasedContainerd } from '../../../src/runtimes/containerd/released.js'
import { contextOf, machine, withVersion } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const cp = machine()
const worker = (facts: Partial<Machine['facts']> = {}): Machine =>
  machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] }, facts)

/** "HOST CHECK severity" of everything found. */
function found(context: Context, closer: Closer = notCloser): string[] {
  return runChecks(context, closer, checks, []).map(
    ({ host, check, severity }) => `${host} ${check} ${severity}`,
  )
}

const presence = (
  runtimes: readonly FoundRuntime[],
  firewalls: readonly string[] = [],
  swappers: readonly string[] = [],
): Closer => ({
  ways: [],
  presence: new Map([['w1', { runtimes, firewalls, swappers }]]),
  etcd: [],
  images: [],
  kubelets: new Map(),
  links: new Map(),
  volumes: new Map(),
  versions: new Map(),
  packages: new Map(),
})
const runtime = (name: string, owner: string, running = true): FoundRuntime => ({
  name,
  path: `/usr/bin/${name}`,
  owner,
  running,
})

describe('preflight', () => {
  test('finds nothing on two good machines', () => {
    expect(found(contextOf([cp, worker()]))).toEqual([])
  })

  test.each([
    ['14 % free', { diskFreeMiB: 14_000 }, {}, ['w1 ImageSpace warning']],
    [
      '15 % free: the kubelet counts 85 % as too much',
      { diskFreeMiB: 15_000 },
      {},
      ['w1 ImageSpace warning'],
    ],
    ['16 % free', { diskFreeMiB: 16_000 }, {}, []],
    ['a kubelet that removes none', { diskFreeMiB: 3_000 }, { imageGCHighThresholdPercent: 100 }, []],
    ['a size that is not known', { diskFreeMiB: 3_000, diskSizeMiB: 0 }, {}, []],
  ])('says when the kubelet may remove images of the bundle: %s', (_, facts, config, expected) => {
    const context = contextOf([cp, worker({ diskSizeMiB: 100_000, ...facts })])
    const kubelet = { ...context.spec.kubelet, config }
    const bundling = (images: readonly string[]): Context => ({
      ...context,
      spec: { ...context.spec, kubelet },
      bundle: {
        ...context.bundle,
        imagesFor: (needs) => (needs === 'node' ? images.map((reference) => ({ reference }) as never) : []),
      },
    })
    expect(found(bundling(['pause:1']))).toEqual(expected)
    expect(found(bundling([]))).toEqual([])
  })

  test('says that it does not know what a service that speaks of swapon will do at boot', () => {
    expect(found(contextOf([cp, worker()]), presence([], [], ['mine.service']))).toEqual(['w1 Swap warning'])
  })

  test.each<[string, Partial<Machine['facts']>, string]>([
    ['not root', { uid: 1000 }, 'w1 IsPrivilegedUser error'],
    ['another init', { init: 'other' }, 'w1 Systemd error'],
    ['another architecture', { arch: 'arm64' }, 'w1 Architecture error'],
    ['a full disk', { diskFreeMiB: 100 }, 'w1 DiskSpace error'],
    ['an address of nobody', { addresses: ['10.0.0.9'] }, 'w1 Address error'],
    ['a clock behind', { clockSkewMs: -60_000 }, 'w1 ClockSkew error'],
    ['the kubelet’s port taken', { listening: [10250] }, 'w1 Ports error'],
    ['swap', { swaps: ['/dev/sda2'] }, 'w1 Swap warning'],
    [
      'no memory controller',
      { cgroupControllers: cp.facts.cgroupControllers.filter((c) => c !== 'memory') },
      'w1 SystemVerification error',
    ],
    ['no word of controllers', { cgroupControllers: [] }, 'w1 SystemVerification warning'],
    ['a kernel without its modules', { missingModules: ['br_netfilter'] }, 'w1 KernelModules error'],
    ['the machine id of a clone', { machineId: cp.facts.machineId }, 'w1 MachineId error'],
    ['the host name of a clone', { hostname: 'CP1' }, 'w1 Hostname warning'],
    ['the hardware address of a clone', { macs: ['mac of cp1'] }, 'w1 Mac warning'],
  ])('says so of a worker with %s', (_what, facts, expected) => {
    expect(found(contextOf([cp, worker(facts)]))).toEqual([expected])
  })

  test('a control plane needs more than a worker does', () => {
    const small = { cpus: 1, memoryMiB: 1000 }
    expect(found(contextOf([machine({}, small), worker(small)]))).toEqual([
      'cp1 NumCPU error',
      'cp1 Mem error',
    ])
  })

  test('product UUIDs are compared whatever their case, and none is no twin', () => {
    const of = (a: string, b: string): string[] =>
      found(contextOf([machine({}, { productUuid: a }), worker({ productUuid: b })]))
    expect(of('4C4C-AA', '4c4c-aa')).toEqual(['w1 ProductUuid warning'])
    expect(of('', '')).toEqual([])
  })

  test('machines that are all called localhost are no clones', () => {
    expect(
      found(contextOf([machine({}, { hostname: 'localhost' }), worker({ hostname: 'localhost' })])),
    ).toEqual([])
  })

  describe('of one NAT address on every machine', () => {
    const nat = (one: Machine): Machine => ({
      ...one,
      facts: {
        ...one.facts,
        defaultAddress: '10.0.2.15',
        defaultInterface: 'eth0',
        addresses: ['10.0.2.15', one.spec.address],
        interfaces: [
          { name: 'lo', mtu: 65536, addresses: ['127.0.0.1'] },
          { name: 'eth0', mtu: 1500, addresses: ['10.0.2.15'] },
          { name: 'eth1', mtu: 1500, addresses: ['192.168.56.11', 'fe80::1'] },
        ],
      },
    })
    test('warns where the inventory has the other one', () => {
      expect(found(contextOf([cp, worker()].map(nat)))).toEqual([
        'cp1 NatAddress warning',
        'w1 NatAddress warning',
      ])
    })

    test('refuses it as the address of a node, and says which to write', () => {
      const wrong = nat(machine({ name: 'w1', address: '10.0.2.15', roles: ['worker'] }))
      const findings = runChecks(contextOf([nat(cp), wrong]), notCloser, checks, [])
      expect(findings.find(({ host }) => host === 'w1')).toMatchObject({
        check: 'NatAddress',
        severity: 'error',
        next: expect.stringContaining('192.168.56.11'),
      })
    })
  })

  test('compares the size of packets on the interface the nodes meet on', () => {
    const of = (eth0: number, eth1: number): Machine =>
      worker({
        defaultInterface: 'eth0',
        interfaces: [
          { name: 'eth0', mtu: eth0, addresses: ['10.0.2.99'] },
          { name: 'eth1', mtu: eth1, addresses: ['10.88.0.21'] },
        ],
      })
    expect(found(contextOf([cp, of(1450, 1500)]))).toEqual([])
    expect(found(contextOf([cp, of(1500, 1450)]))).toEqual(['w1 Mtu warning'])
  })

  test('knows which kubelet starts on which control groups', () => {
    const on = (version: string, cgroup: 'v1' | 'v2', config = {}): string[] => {
      const machines = [withVersion(version, machine({}, { cgroup }))]
      const spec = clusterSpec({
        version,
        hosts: machines.map((one) => one.spec),
        kubelet: { config, extraArgs: {} },
      })
      return found(contextOf(machines, { spec }))
    }
    expect(on('1.20.2', 'v1')).toEqual([])
    expect(on('1.20.2', 'v2')).toEqual(['cp1 CgroupVersion warning'])
    expect(on('1.36.2', 'v2')).toEqual([])
    expect(on('1.36.2', 'v1')).toEqual(['cp1 CgroupVersion error'])
    expect(on('1.36.2', 'v1', { failCgroupV1: false })).toEqual([])
  })

  describe('of runtimes that are there already', () => {
    const context = contextOf([cp, worker()])
    test.each<[string, readonly FoundRuntime[], string[]]>([
      [
        'ours, from a run that was cut',
        [runtime('dockerd', 'docker.io'), runtime('containerd', 'containerd')],
        [],
      ],
      [
        'Docker’s own packages',
        [runtime('dockerd', 'docker-ce'), runtime('containerd', 'containerd.io')],
        ['w1 ContainerRuntime error'],
      ],
      ['one that nobody packaged', [runtime('containerd', '')], ['w1 ContainerRuntime error']],
      ['podman, which stands beside', [runtime('podman', 'podman', false)], ['w1 ContainerRuntime warning']],
    ])('%s', (_what, runtimes, expected) => {
      expect(found(context, presence(runtimes))).toEqual(expected)
    })

    test('names whose they are', () => {
      const [finding] = runChecks(context, presence([runtime('dockerd', 'docker-ce')]), checks, [])
      expect(finding?.what).toBe(
        'dockerd (package docker-ce, running) conflicts with the package docker.io, which kubestrap installs',
      )
    })

    test('nodes behind a router are no place for a network of routes', () => {
      const links = (routed: ReturnType<Closer['links']['get']>): Closer => ({
        ...notCloser,
        links: new Map(routed === undefined ? [] : [['w1', routed]]),
      })
      const routed = ['cp1', 'w2'].map((to) => ({ to, via: '10.88.0.1' }))
      expect(found(context, links(routed))).toEqual(['w1 OneLink error'])
      expect(runChecks(context, links(routed), checks, [])[0]?.what).toBe(
        'it reaches cp1 by way of the router 10.88.0.1, as 1 more; Pod network bridge has routes that name the node itself',
      )
      expect(found(context, links('unknown'))).toEqual(['w1 OneLink warning'])
      expect(found(context, links([]))).toEqual([])
      expect(found(context, links(undefined))).toEqual([])
    })

    test.each([
      ['1.20', '1.6.20', []],
      ['1.20', '2.1.9', ['w1 RuntimeVersion error']],
      ['1.23', '2.1.9', []],
      ['1.26', '1.5.18', ['w1 RuntimeVersion error']],
      ['1.35', '1.6.20', []],
      ['1.36', '1.7.24', ['w1 RuntimeVersion warning']],
      ['1.36', '2.0.0', []],
      ['1.37', '1.7.24', ['w1 RuntimeVersion error']],
      ['1.36', '', ['w1 RuntimeVersion warning']],
    ])('Kubernetes %s on containerd "%s"', (minor, version, expected) => {
      const versions = new Map([['w1', { runtime: version }]])
      const on = contextOf(
        [cp, worker({ cgroup: 'v2' })].map((one) => withVersion(`${minor}.0`, one)),
        { runtime: containerd },
      )
      expect(found(on, { ...notCloser, versions }).filter((one) => one.includes('RuntimeVersion'))).toEqual(
        expected,
      )
    })

    test.each([
      ['1.36', '1.4.13', 'error'],
      ['1.37', '1.7.24', 'error'],
      ['1.20', '2.1.9', 'error'],
      ['1.36', '1.7.24', 'warning'],
      ['1.37', '', 'warning'],
    ])(
      'what helps Kubernetes %s on containerd "%s" is named, and would be of a version that fits',
      (minor, version, severity) => {
        const versions = new Map([['w1', { runtime: version }]])
        const machines = [cp, worker({ cgroup: 'v2' })].map((one) => withVersion(`${minor}.0`, one))
        const problem = (over: { versions: Map<string, { runtime: string }> }, runtime = containerd) =>
          runChecks(contextOf(machines, { runtime }), { ...notCloser, ...over }, checks, []).find(
            ({ check }) => check === 'RuntimeVersion',
          )
        const told = problem({ versions })
        expect(told?.severity).toBe(severity)
        const [, brings = ''] =
          /set sources: \{ runtime: download \}, which brings containerd (\d+\.\d+\.\d+)/.exec(
            told?.next ?? '',
          ) ?? []
        expect(problem({ versions: new Map([['w1', { runtime: brings }]]) })).toBeUndefined()
        // where it is downloaded already its version is what was chosen
        expect(problem({ versions }, releasedContainerd)?.next).toContain(
          `remove sources.versions.containerd (by default ${brings})`,
        )
      },
    )

    test('the etcd of a distribution may be too old for the API server', () => {
      const host = machine({ name: 'e1', address: '10.88.0.31', roles: ['etcd'] })
      const on = contextOf([cp, worker(), host].map((one) => withVersion('1.31.0', one)))
      const versions = (etcd: string) => new Map([['e1', { etcd }]])
      const of = (etcd: string) =>
        runChecks(on, { ...notCloser, versions: versions(etcd) }, checks, []).find(
          ({ check }) => check === 'EtcdVersion',
        )
      expect(of('3.4.23')?.what).toBe(
        'the package of etcd is 3.4.23, and Kubernetes 1.31 requires at least 3.5.24',
      )
      expect(of('3.4.23')?.next).toMatch(/^set etcd: \{ install: download \}, which brings etcd 3\.5\./)
      expect(of('3.6.10')).toBeUndefined()
      expect(of('')).toBeUndefined()
    })

    test('could not look is a warning, and not asked is nothing', () => {
      expect(
        found(context, {
          ways: [],
          presence: new Map([['w1', 'unknown']]),
          etcd: [],
          images: [],
          kubelets: new Map(),
          links: new Map(),
          volumes: new Map(),
          versions: new Map(),
          packages: new Map(),
        }),
      ).toEqual(['w1 ContainerRuntime warning'])
      expect(found(context, notCloser)).toEqual([])
    })

    test('a firewall that keeps rules of its own is named', () => {
      expect(found(context, presence([], ['firewalld']))).toEqual(['w1 Firewalld warning'])
    })
  })

  describe('of the ways between machines', () => {
    const context = contextOf([cp, worker()])
    const ways = (results: Closer['ways'][number]['result'][], mustListen = false): Closer => ({
      ways: neededWays(context, () => true).map((way, i) => ({
        ...way,
        mustListen,
        result: results[i] ?? 'open',
        words: 'its words',
      })),
      presence: new Map(),
      etcd: [],
      images: [],
      kubelets: new Map(),
      links: new Map(),
      volumes: new Map(),
      versions: new Map(),
      packages: new Map(),
    })
    test('are the worker’s to the API and the control plane’s to the kubelet', () => {
      expect(
        neededWays(context, () => true).map(({ from, to, port }) => `${from.spec.name} ${to} ${port}`),
      ).toEqual(['w1 cp1 6443', 'cp1 w1 10250'])
    })

    test('a refused connection was let through; silence and a no were not; no attempt is a warning', () => {
      expect(found(context, ways(['open', 'refused']))).toEqual([])
      expect(found(context, ways(['silent', 'blocked']))).toEqual([
        'w1 PortReach error',
        'cp1 PortReach error',
      ])
      expect(found(context, ways(['unknown']))).toEqual(['w1 PortReach warning'])
    })

    test('where something must listen already, a refused connection is an error', () => {
      expect(found(context, ways(['refused'], true))).toEqual(['w1 PortReach error'])
    })
  })
})

describe('neededWays', () => {
  const cp2 = machine({ name: 'cp2', address: '10.88.0.16' })
  const shown = (context: Context, wanted: (one: Machine) => boolean = () => true): string[] =>
    neededWays(context, wanted).map(({ from, to, port }) => `${from.spec.name} ${to} ${port}`)

  test('has etcd’s ports between its members', () => {
    const all = shown(contextOf([cp, cp2]))
    for (const port of [2379, 2380])
      for (const way of ['cp1 cp2', 'cp2 cp1']) expect(all).toContain(`${way} ${port}`)
  })

  test('asks nothing between machines of which neither is new', () => {
    const context = contextOf([cp, cp2, worker()])
    expect(shown(context, () => false)).toEqual([])
    expect(shown(context, ({ spec }) => spec.name === 'w1').sort()).toEqual([
      'cp1 w1 10250',
      'cp2 w1 10250',
      'w1 cp1 6443',
      'w1 cp2 6443',
    ])
  })

  test('has a balancer’s port where the endpoint is one, and an external etcd that must answer', () => {
    const base = contextOf([cp, worker()])
    const spec = {
      ...base.spec,
      endpoint: { host: 'lb.example', port: 8443, named: true, explicit: true },
      endpointAddress: '10.88.0.5',
      etcd: {
        ...base.spec.etcd,
        external: { endpoints: ['https://[fd00::7]:2379'], caFile: '', certFile: '', keyFile: '' },
      },
    }
    const ways = neededWays({ ...base, spec }, () => true)
    expect(
      ways
        .filter(({ what }) => what === 'API endpoint')
        .map(({ from, address, port }) => `${from.spec.name} ${address} ${port}`),
    ).toEqual(['cp1 10.88.0.5 8443', 'w1 10.88.0.5 8443'])
    expect(ways.filter(({ mustListen }) => mustListen)).toEqual([
      expect.objectContaining({ address: 'fd00::7', port: 2379, what: 'etcd' }),
    ])
  })
})

describe('ignoring', () => {
  const bad = contextOf([cp, worker({ uid: 1000, diskFreeMiB: 1 })])
  test('by name, in any case, lets the others stop the run', () => {
    const findings = runChecks(bad, notCloser, checks, ['diskspace'])
    expect(() => stopOn(findings)).toThrowError(
      expect.objectContaining({ kind: 'preflight', message: '1 preflight check failed' }),
    )
    expect(() => stopOn(runChecks(bad, notCloser, checks, ['all']))).not.toThrow()
  })

  test('a name that no check has is a slip', () => {
    expect(() => runChecks(bad, notCloser, checks, ['NumCPUs'])).toThrowError(
      expect.objectContaining({ kind: 'usage' }),
    )
  })

  test('every check has a name of its own and a sentence', () => {
    expect(new Set(checks.map(({ name }) => name.toLowerCase())).size).toBe(checks.length)
    for (const { about } of checks) expect(about).toMatch(/^.{15,}\.$/)
  })
})
