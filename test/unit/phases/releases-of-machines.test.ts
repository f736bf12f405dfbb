import { describe, expect, it, test } from 'vitest'
import { addOnsRelease, clusterRelease, servedRelease } from '../../../src/cluster/cluster-release.js'
import type { Context } from '../../../src/cluster/context.js'
import type { Machine } from '../../../src/cluster/machine.js'
import { withReleases } from '../../../src/cluster/with-releases.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { releases } from '../../../src/kubernetes/releases/index.js'
import type { Release } from '../../../src/kubernetes/releases/release.js'
import { oncePer } from '../../../src/lib/once-per.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { up } from '../../../src/workflows/up.js'
import { unseen } from '../../support/apply-now.js'
import { contextOf, machine, withVersion } from '../../support/context.js'
import { sentProgram } from '../../support/programs.js'

const hosts = [
  machine({ name: 'cp1', address: '10.88.0.11' }),
  machine({ name: 'cp2', address: '10.88.0.12' }),
  machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] }),
  machine({ name: 'w2', address: '10.88.0.22', roles: ['worker'] }),
]

/** A cluster in which these hosts, in their order, should run these versions; its inventory says another one. */
function clusterOf(...versions: string[]): { context: Context; asked: string[] } {
  const asked: string[] = []
  const base = contextOf(
    hosts.map((host, i) => withVersion(versions[i] ?? '', host)),
    { runtime: containerd },
  )
  const program = (name: string, _arch: string, version: string) => {
    asked.push(`${name} ${version}`)
    return { ...sentProgram(name), sha256: version }
  }
  const spec = { ...base.spec, version: '1.30.0', minor: '1.30', runtime: 'containerd' }
  return { context: { ...base, spec, programs: { ...base.programs, program } }, asked }
}

const nodesOf = oncePer((context: Context) => buildGraph(up.phases, context).nodes)

/** What is to be on a host: ids of its steps, with the texts of its files; without images of add-ons. */
function stepsOn(context: Context, name: string): string[] {
  return nodesOf(context)
    .filter(({ step }) => step.target === name && !/^image:.*\/(kube-proxy|coredns):/.test(step.id))
    .map(({ step }) => `${step.id} ${step.title} ${textOf(step)}`)
}

/** Nothing is there yet, as steps of files of every kind see it. */
const nothing = { kind: 'absent', file: { kind: 'absent' }, due: true, data: true }

function textOf(step: ReturnType<typeof buildGraph>['nodes'][number]['step']): string {
  // others hold what is known in the run alone, or what does not hang on a release
  if (!/^file:\/(etc\/kubernetes\/manifests\/|var\/lib\/kubelet\/|etc\/containerd\/)/.test(step.id)) return ''
  const text = step.diff(nothing).map(({ diff }) => diff ?? '')
  expect(text.join('').length, step.id).toBeGreaterThan(20)
  return text.join('\n')
}

const fileOn = (context: Context, name: string, path: string): string =>
  stepsOn(context, name).find((one) => one.startsWith(`file:${path} `)) ?? ''
const imagesOn = (context: Context, name: string): string[] =>
  nodesOf(context)
    .filter(({ step }) => step.target === name && step.id.startsWith('image:'))
    .map(({ step }) => step.id.replace(/^image:.*\//, ''))

const pairs = releases.slice(1).map((next, i): [Release, Release] => [releases[i] ?? next, next])

test.each(pairs.map(([old, next]) => [old.version, next.version]))(
  'what a machine gets follows its own release, whatever others run: %s beside %s',
  (old, next) => {
    const mixed = clusterOf(next, old, old, next).context
    const [before, after] = [clusterOf(old, old, old, old).context, clusterOf(next, next, next, next).context]
    for (const [name, alike, other] of [
      ['cp1', after, before],
      ['cp2', before, after],
      ['w1', before, after],
      ['w2', after, before],
    ] as const) {
      expect(stepsOn(mixed, name)).toEqual(stepsOn(alike, name))
      expect(stepsOn(mixed, name).some((one) => one.startsWith('file:/var/lib/kubelet/config.yaml'))).toBe(
        true,
      )
      if (name.startsWith('cp')) expect(stepsOn(mixed, name)).not.toEqual(stepsOn(other, name))
    }
  },
)

describe('a cluster of 1.36 and 1.35', () => {
  const { context, asked } = clusterOf('1.36.3', '1.35.7', '1.35.7', '1.36.3')

  it('has the images of each control plane in its manifests', () => {
    const api = (name: string) => fileOn(context, name, '/etc/kubernetes/manifests/kube-apiserver.yaml')
    expect(api('cp1')).toContain('/kube-apiserver:v1.36.3')
    expect(api('cp2')).toContain('/kube-apiserver:v1.35.7')
    expect(imagesOn(context, 'cp1')).toEqual(
      expect.arrayContaining(['etcd:3.6.8-0', 'kube-scheduler:v1.36.3']),
    )
    expect(imagesOn(context, 'cp2')).toEqual(
      expect.arrayContaining(['etcd:3.6.6-0', 'kube-scheduler:v1.35.7']),
    )
    const manager = (name: string) =>
      fileOn(context, name, '/etc/kubernetes/manifests/kube-controller-manager.yaml')
    // 1.36 mounts no directory of volume plug-ins
    expect([manager('cp1'), manager('cp2')].map((text) => text.includes('flexvolume'))).toEqual([false, true])
  })

  it('has the programs, and the pause image of the runtime, of each node', () => {
    nodesOf(context)
    expect([...new Set(asked)].sort()).toEqual(
      ['kubectl', 'kubelet'].flatMap((name) => [`${name} 1.35.7`, `${name} 1.36.3`]),
    )
    expect(imagesOn(context, 'w1')).toContain('pause:3.10.1')
    expect(imagesOn(context, 'w2')).toContain('pause:3.10.2')
  })

  it('has one kube-proxy and one CoreDNS, of the older API server, on every node', async () => {
    for (const { spec } of hosts) {
      const images = imagesOn(context, spec.name).filter((one) => /^(kube-proxy|coredns)/.test(one))
      expect(images.filter((one) => one.startsWith('kube-proxy'))).toEqual(['kube-proxy:v1.35.7'])
      expect(images).not.toContain('coredns:v1.14.2')
    }
    const proxy = await objectOf(context, 'object:DaemonSet:kube-system/kube-proxy')
    expect(proxy).toContain('kube-proxy:v1.35.7')
    expect(await objectOf(context, 'object:Deployment:kube-system/coredns')).toContain('coredns:v1.13.1')
  })

  it('is configured as 1.36', async () => {
    const config = await objectOf(context, 'object:ConfigMap:kube-system/kubeadm-config')
    expect(config).toContain('kubernetesVersion: v1.36.3')
  })
})

/** What an object of the cluster would be created as. */
async function objectOf(context: Context, id: string): Promise<string> {
  const created: unknown[] = []
  const client = { get: async () => undefined, create: async (object: unknown) => void created.push(object) }
  const kube = Object.assign(async () => client, { renew: () => {} }) as unknown as Context['kube']
  const { nodes } = buildGraph(up.phases, { ...context, kube })
  await nodes.find(({ step }) => step.id === id)?.step.apply([], unseen)
  return JSON.stringify(created)
}

test('flags and configuration of kubelets of 1.33 and 1.34 tell the CRI socket each in its place', () => {
  const { context } = clusterOf('1.34.10', '1.33.1', '1.33.1', '1.34.10')
  const told = (name: string) =>
    ['kubeadm-flags.env', 'instance-config.yaml'].map((file) =>
      /container-?runtime-?endpoint/i.test(fileOn(context, name, `/var/lib/kubelet/${file}`)),
    )
  expect([told('cp1'), told('cp2')]).toEqual([
    [false, true],
    [true, false],
  ])
  expect([told('w2'), told('w1')]).toEqual([
    [false, true],
    [true, false],
  ])
})

describe('releases of the cluster', () => {
  const versions = (context: Context) =>
    [clusterRelease, servedRelease, addOnsRelease].map((of) => of(context).version)

  it.each([
    [
      ['1.36.3', '1.35.7'],
      ['1.36.3', '1.35.7', '1.35.7'],
    ],
    [
      ['1.36.3', '1.36.3'],
      ['1.36.3', '1.36.3', '1.36.3'],
    ],
    // by number and not by letter
    [
      ['1.36.10', '1.36.9'],
      ['1.36.10', '1.36.9', '1.36.9'],
    ],
  ])('are those of its control planes, not of its workers: %s', (planes, expected) => {
    expect(versions(clusterOf(...planes, '1.34.0', '1.37.0').context)).toEqual(expected)
  })

  it('are that of the inventory in a run without control planes', () => {
    const { context } = clusterOf('1.36.3', '1.36.3', '1.35.7', '1.35.7')
    expect(versions({ ...context, machines: context.machines.slice(2) })).toEqual([
      '1.30.0',
      '1.30.0',
      '1.30.0',
    ])
  })
})

test('a stage of an upgrade gives machines other releases, wherever the run has them', () => {
  const { context } = clusterOf('1.35.7', '1.35.7', '1.35.7', '1.35.7')
  const [next] = releases.filter(({ minor }) => minor === '1.36')
  const wanted = ({ spec }: Pick<Machine, 'spec'>, old: Release): Release =>
    spec.name === 'cp1' && next ? next : old
  const stage = withReleases(context, (one) => wanted(one, context.machines[1]?.release.wanted as Release))
  expect(stage.machines.map(({ release }) => release.wanted.minor)).toEqual(['1.36', '1.35', '1.35', '1.35'])
  expect(stage.planes.leader).toBe(stage.machines[0])
  expect(context.machines[0]?.release.wanted.minor).toBe('1.35')
  expect(stepsOn(stage, 'cp1')).toEqual(
    stepsOn(clusterOf('1.36.3', '1.36.3', '1.36.3', '1.36.3').context, 'cp1'),
  )
})
