import { describe, expect, it } from 'vitest'
import { catalog } from '../../../src/catalog.js'
import { inPhases } from '../../../src/cli/phase.js'
import { buildGraph, restrict } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import { Late } from '../../../src/engine/late.js'
import { placeTransactions } from '../../../src/engine/transaction.js'
import type { Role } from '../../../src/inventory/spec.js'
import { releases as everyRelease } from '../../../src/kubernetes/releases/index.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { releasedContainerd } from '../../../src/runtimes/containerd/released.js'
import { dockerByCri } from '../../../src/runtimes/docker/cri-dockerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

/** A release for each version that is asked for. */
const releases = new Map(
  everyRelease
    .flatMap(({ programs }) => Object.values(programs))
    .map((version) => [
      version,
      new Map([['amd64', { url: 'https://g.test/x', sha256: 'a'.repeat(64), way: { ca: undefined } }]]),
    ]),
)

const host = (name: string, index: number, role: Role, living: boolean) =>
  machine({ name, address: `10.88.0.${index + 11}`, roles: [role] }, { kubernetes: living })

/** The graph of `up` on these machines: "cp1", or "cp1+" for one that is no node yet. */
const graphOf = (
  names: readonly string[],
  { runtime = docker, network = 'bridge', download = false } = {},
) => {
  const machines = names.map((name, i) =>
    host(name.replace('+', ''), i, name.startsWith('cp') ? 'control-plane' : 'worker', !name.endsWith('+')),
  )
  const base = clusterSpec({ hosts: machines.map((one) => one.spec) })
  const spec = download ? { ...base, sources: { ...base.sources, cniPlugins: 'download' as const } } : base
  const joining = new Set(machines.filter((_, i) => names[i]?.endsWith('+')).map((one) => one.spec.name))
  const found = catalog.networks.find(({ id }) => id === network)
  if (!found) throw new Error(network)
  return buildGraph(
    up.phases,
    contextOf(machines, {
      spec,
      runtime,
      network: found,
      projectReleases: download ? { containerd: releases, runc: releases, cniPlugins: releases } : {},
      planes: {
        leader: machines.find(({ spec: one }) => one.roles.includes('control-plane')),
        joining: new Set([...joining].filter((name) => name.startsWith('cp') && name !== 'cp1')),
        halfAdded: new Set(),
        estranged: new Set(),
      },
      podCidrs: new Map(machines.map((one) => [one.spec.name, new Late('its Pod subnet')])),
    }),
  )
}

const topologies = [
  ['cp1', 'w1', 'w2'],
  ['cp1', 'cp2', 'cp3', 'w1', 'w2'],
  ['cp1', 'cp2', 'cp3+', 'w1', 'w2+'],
  ['cp1+', 'w1+'],
]

describe('the transactions of up', () => {
  it.each(topologies.map((names) => [names]))('%j do not wait for each other', (names) => {
    for (const [runtime, download] of [
      [docker, false],
      [dockerByCri, false],
      [containerd, false],
      [releasedContainerd, true],
    ] as const)
      for (const network of ['bridge', 'flannel']) {
        const placed = new Set(placeTransactions(graphOf(names, { runtime, network, download })).values())
        expect([...placed].map(({ transaction }) => transaction.id).sort()).toEqual(
          names
            .filter((name) => !name.endsWith('+'))
            .flatMap((name) => [`${name}/node`, `${name}/network`])
            .sort(),
        )
      }
  })

  it('hold what the units that are restarted run by', () => {
    const placed = placeTransactions(graphOf(['cp1', 'w1'], { runtime: releasedContainerd, download: true }))
    for (const name of ['cp1', 'w1'])
      for (const step of [
        'archive:containerd',
        'archive:cniPlugins',
        'binary:/usr/local/sbin/runc',
        'file:/var/lib/kubelet/config.yaml',
        'file:/var/lib/kubelet/kubeadm-flags.env',
        'ready-again',
      ])
        expect(placed.get(`${name}/uncordon`)?.inside).toContain(`${name}/${step}`)
  })

  it('hold the restart of the runtime, the kubelet, and all between; a control plane node everything that runs on it', () => {
    const placed = placeTransactions(graphOf(['cp1', 'cp2', 'cp3', 'w1']))
    const of = (name: string) => placed.get(`${name}/uncordon`)
    for (const name of ['cp2', 'w1'])
      for (const step of ['service:docker.service', 'service:kubelet.service', 'uncordon'])
        expect(of(name)?.inside).toContain(`${name}/${step}`)
    expect(of('w1')?.transaction.holds).toEqual(['node'])
    expect(of('cp2')?.transaction.holds).toEqual(['etcd', 'api', 'balancer', 'node'])
    expect([...(of('cp2')?.inside ?? [])].every((key) => key.startsWith('cp2/'))).toBe(true)
  })

  it('of the Pod network hold its configuration, the restart of the kubelet for it, and the wait for the node', () => {
    const placed = placeTransactions(graphOf(['cp1', 'w1']))
    for (const name of ['cp1', 'w1']) {
      const own = placed.get(`${name}/kubelet-sees-network`)
      expect([...(own?.inside ?? [])].sort()).toEqual(
        [
          'file:/etc/cni/net.d/10-kubestrap-bridge.conflist',
          'kubelet-sees-network',
          'ready-with-network',
        ].map((id) => `${name}/${id}`),
      )
      expect(own?.transaction.holds).toEqual(['node'])
    }
  })

  it('are left by a run of some phases that may enter them', () => {
    const whole = graphOf(['cp1', 'w1'])
    const part = restrict(whole, inPhases(['packages']))
    const kept = new Map(part.nodes.map((node) => [node.key, node]))
    for (const name of ['cp1', 'w1']) {
      const entering = part.nodes.filter(({ phase, step }) => phase === 'packages' && step.target === name)
      for (const id of ['ready-again', 'uncordon'])
        expect(keysBehind(kept.get(`${name}/${id}`)?.after ?? [])).toEqual(
          expect.arrayContaining(entering.map(({ key }) => key)),
        )
    }
    expect(part.nodes.every(({ phase }) => ['packages', 'uncordon'].includes(phase))).toBe(true)
    // nothing of the phase is within a transaction
    expect(new Set(restrict(whole, inPhases(['cluster-config'])).nodes.map(({ phase }) => phase))).toEqual(
      new Set(['cluster-config']),
    )
  })
})
