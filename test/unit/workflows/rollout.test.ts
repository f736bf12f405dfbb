import { describe, expect, it } from 'vitest'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import { placeTransactions } from '../../../src/engine/transaction.js'
import type { Role } from '../../../src/inventory/spec.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { type RolloutKind, rollout } from '../../../src/workflows/rollout.js'
import { contextOf, machine } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const roles: Record<string, Role> = { c: 'control-plane', w: 'worker', e: 'etcd', l: 'load-balancer' }

/** The graph of a rollout of hosts, by names whose first letter says their role; "w2+" is no node yet. */
function graphOf(
  names: readonly string[],
  {
    kind = 'reboot' as RolloutKind,
    runtime = docker,
    maxUnavailable = 1,
    hosts = names.map((name) => name.replace('+', '')),
  } = {},
) {
  const machines = names.map((name, i) =>
    machine(
      {
        name: name.replace('+', ''),
        address: `10.88.0.${i + 11}`,
        roles: [roles[name[0] ?? ''] ?? 'worker'],
      },
      { kubernetes: !name.endsWith('+') },
    ),
  )
  const spec = clusterSpec({ hosts: machines.map((one) => one.spec) })
  const { phases } = rollout({
    kind,
    hosts,
    drain: spec.rollout.drain,
    withinMs: 600_000,
    id: 'x',
    again: false,
  })
  return buildGraph(
    phases,
    contextOf(machines, {
      spec: { ...spec, rollout: { ...spec.rollout, maxUnavailable } },
      runtime,
      balancer: haproxy,
    }),
  )
}

/** What steps wait for, all the way. */
function behind(graph: ReturnType<typeof graphOf>, key: string): Set<string> {
  const all = new Set<string>()
  const open = [key]
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const before of keysBehind(graph.nodes.find((node) => node.key === one)?.after ?? []))
      if (!all.has(before)) {
        all.add(before)
        open.push(before)
      }
  return all
}

const topologies = [
  ['c1', 'w1', 'w2'],
  ['c1', 'c2', 'c3', 'w1', 'w2', 'l1', 'l2'],
  ['c1', 'e1', 'w1', 'l1'],
  ['c1'],
]

describe('a rollout', () => {
  it.each(topologies.map((names) => [names]))(
    'of %j has a turn for each host, and none waits for each other',
    (names) => {
      for (const maxUnavailable of [1, 2])
        for (const kind of ['reboot', 'restart', 'restart-static-pods'] as const)
          for (const runtime of [docker, containerd]) {
            const hosts = names.filter((name) => kind === 'reboot' || /^[cw]/.test(name))
            const placed = placeTransactions(graphOf(names, { kind, runtime, maxUnavailable, hosts }))
            const turns = new Set([...placed.values()].map(({ transaction }) => transaction.id.split('/')[0]))
            expect([...turns].sort()).toEqual(hosts.toSorted())
          }
    },
  )

  it('ends nothing before the request is recorded, and ends the request when all has come to its end', () => {
    const graph = graphOf(['c1', 'w1', 'l1'])
    for (const name of ['c1', 'w1', 'l1'])
      expect(behind(graph, `${name}/reboot`)).toContain('cluster/rollout-request')
    expect(behind(graph, 'cluster/rollout-end')).toEqual(
      new Set(graph.nodes.map(({ key }) => key).filter((key) => key !== 'cluster/rollout-end')),
    )
  })

  it('takes hosts without which the API does not answer first, where others could be drained meanwhile', () => {
    const waits = (names: string[], maxUnavailable: number) => {
      const seen = behind(graphOf(names, { maxUnavailable }), 'w1/reboot')
      return [...seen].filter((key) => key.endsWith('/works-again')).map((key) => key.split('/')[0])
    }
    expect(waits(['c1', 'w1'], 1)).toEqual([])
    expect(waits(['c1', 'w1'], 2)).toEqual(['c1'])
    expect(waits(['c1', 'e1', 'w1', 'l1'], 1).sort()).toEqual(['e1', 'l1'])
    expect(waits(['c1', 'c2', 'c3', 'w1'], 2)).toEqual([])
  })

  it('drains before a reboot, and before a restart only where containers end with their runtime', () => {
    const drains = (kind: RolloutKind, runtime: typeof docker | typeof containerd) =>
      graphOf(['w1'], { kind, runtime })
        .nodes.filter(({ step }) => step.vacates?.([]) === true)
        .map(({ step }) => step.id)
    expect(drains('reboot', containerd)).toEqual(['reboot'])
    expect(drains('restart', containerd)).toEqual([])
    expect(drains('restart', docker)).toEqual(['restart:docker.service'])
  })

  it('restarts static Pods where that is asked alone', () => {
    const pods = (kind: RolloutKind) =>
      graphOf(['c1'], { kind }).nodes.filter(({ step }) => step.id.startsWith('restart:static-pod:')).length
    expect([pods('restart'), pods('restart-static-pods')]).toEqual([0, 4])
  })

  it('refuses a host that is no node yet', () => {
    expect(() => graphOf(['c1', 'w2+'])).toThrow('w2 is not a node of the cluster')
    // one that is not asked for does not matter
    graphOf(['c1', 'w2+'], { hosts: ['c1'] })
  })
})
