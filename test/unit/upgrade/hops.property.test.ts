import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { releases } from '../../../src/kubernetes/releases/index.js'
import {
  changed,
  newSkewProblems,
  type RunningProgram,
  skewProblems,
} from '../../../src/kubernetes/releases/skew.js'
import { programChanges } from '../../../src/upgrade/hop-changes.js'
import { type Hop, hopsTo } from '../../../src/upgrade/hops.js'
import { type NodeRuns, runningPrograms } from '../../../src/upgrade/node-runs.js'
import { supplyOf } from '../../../src/upgrade/supply.js'

const first = Number(releases[0]?.minor.split('.')[1])
const last = Number(releases.at(-1)?.minor.split('.')[1])

const version = fc
  .tuple(fc.integer({ min: first, max: last }), fc.integer({ min: 0, max: 20 }))
  .map(([minor, patch]) => `1.${minor}.${patch}`)
/** Near each other, as in a cluster that somebody upgraded half-way; and anything. */
const near = (minor: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: Math.max(first, minor - 3), max: minor }), fc.integer({ min: 0, max: 3 }))
    .map(([own, patch]) => `1.${own}.${patch}`)
const cluster = fc
  .oneof(fc.integer({ min: first, max: last }).map(near), fc.constant(version))
  .chain((some) =>
    fc
      .tuple(
        fc.array(fc.record({ server: some, others: some, kubelet: some }), { minLength: 1, maxLength: 3 }),
        fc.array(some, { maxLength: 3 }),
      )
      .map(([planes, workers]): NodeRuns[] => [
        ...planes.map(({ server, others, kubelet }, i) => ({
          host: `cp${i}`,
          apiServer: server,
          controllerManager: server,
          // of one that was cut, or that somebody changed by hand
          scheduler: others,
          kubelet,
        })),
        ...workers.map((kubelet, i) => ({ host: `w${i}`, kubelet })),
      ]),
  )
const supply = fc.oneof(
  fc.constant(supplyOf('download', undefined)),
  fc.constant(supplyOf('packages', undefined)),
  version.map((of) => supplyOf('bundle', of)),
)

interface Rolled {
  running: readonly RunningProgram[]
  broken: string[]
}

/** A node of what runs. */
function nodeOf(running: readonly RunningProgram[], host: string): NodeRuns {
  const of = (program: string): string | undefined =>
    running.find((one) => one.host === host && one.program === program)?.version
  const [apiServer, controllerManager, scheduler, kubelet] = [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
  ].map(of)
  return {
    host,
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(controllerManager === undefined ? {} : { controllerManager }),
    ...(scheduler === undefined ? {} : { scheduler }),
    ...(kubelet === undefined ? {} : { kubelet }),
  }
}

/** A hop as a rollout makes it: API servers in some order, each with what asks it, then kubelets in some order. */
function roll(running: Rolled['running'], { machines }: Hop, order: (host: string) => number): Rolled {
  const inOrder = [...machines].sort((a, b) => order(a.host) - order(b.host))
  const all = inOrder.flatMap((machine) => programChanges(nodeOf(running, machine.host), machine))
  const isKubelet = ({ program }: RunningProgram): boolean => program === 'kubelet'
  const changes = [...all.filter((one) => !isKubelet(one)), ...all.filter(isKubelet)]
  return changes.reduce<Rolled>(
    ({ running: before, broken }, change) => ({
      running: changed(before, change),
      broken: [...broken, ...newSkewProblems(before, change).map(({ text }) => text)],
    }),
    { running, broken: [] },
  )
}

describe('Hops', () => {
  it('never break the version skew policy, in whatever order machines go, and end with the wished version everywhere', () => {
    fc.assert(
      fc.property(
        cluster,
        version,
        supply,
        fc.array(fc.nat(), { minLength: 6 }),
        (nodes, wished, from, order) => {
          const found = hopsTo({ nodes, unknown: [] }, wished, from)
          if (!('hops' in found)) return
          const rank = (host: string): number => order[nodes.findIndex((node) => node.host === host)] ?? 0
          const end = found.hops.reduce<Rolled>(
            ({ running, broken }, hop) => {
              const rolled = roll(running, hop, rank)
              return { running: rolled.running, broken: [...broken, ...rolled.broken] }
            },
            { running: runningPrograms(nodes), broken: [] },
          )
          expect(end.broken).toEqual([])
          expect([...new Set(end.running.map((one) => one.version))]).toEqual([wished])
          expect(skewProblems(end.running)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are refused to a cluster whose hosts are all reached for a downgrade alone', () => {
    fc.assert(
      fc.property(cluster, version, supply, (nodes, wished, from) => {
        const found = hopsTo({ nodes, unknown: [] }, wished, from)
        if (found.kind === 'refused') expect(found.reason).toBe('downgrade')
      }),
      { numRuns: 60 },
    )
  })

  it('go one minor up each, and no program goes down but a kubelet within the wished minor', () => {
    fc.assert(
      fc.property(cluster, version, supply, (nodes, wished, from) => {
        const found = hopsTo({ nodes, unknown: [] }, wished, from)
        if (!('hops' in found)) return
        const minor = (of: string): number => Number(of.split('.')[1])
        for (const { machines, to } of found.hops)
          for (const { controlPlane, kubelet } of machines) {
            if (controlPlane) expect(minor(to) - minor(controlPlane.from)).toBeLessThanOrEqual(1)
            if (kubelet) expect(minor(kubelet.from)).toBeLessThanOrEqual(minor(to))
          }
        const stops = found.hops.map(({ to }) => minor(to))
        expect(stops).toEqual([...new Set(stops)])
      }),
      { numRuns: 60 },
    )
  })

  it('are the same from where a rollout was cut: what is left of them', () => {
    fc.assert(
      fc.property(cluster, version, (nodes, wished) => {
        const from = supplyOf('download', undefined)
        const found = hopsTo({ nodes, unknown: [] }, wished, from)
        if (!('hops' in found)) return
        const [hop] = found.hops
        const done = hop?.machines[0]
        const node = nodes.find(({ host }) => host === done?.host)
        const change = node && done && programChanges(node, done)[0]
        if (change === undefined || found.hops.length < 2) return
        const running = changed(runningPrograms(nodes), change)
        const cut = nodes.map(({ host }) => nodeOf(running, host))
        const again = hopsTo({ nodes: cut, unknown: [] }, wished, from)
        const stops = 'hops' in again ? again.hops.map(({ to }) => to) : []
        expect(found.hops.map(({ to }) => to).slice(-stops.length)).toEqual(stops)
      }),
    )
  })
})
