import type { Context } from '../../src/cluster/context.js'
import { releases } from '../../src/kubernetes/releases/index.js'
import type { HopView, Looks } from '../../src/upgrade/checks/check.js'
import { hopView, type ProgramsFor } from '../../src/upgrade/hop-view.js'
import { type Hop, hopsTo } from '../../src/upgrade/hops.js'
import type { NodeRuns } from '../../src/upgrade/node-runs.js'
import { supplyOf } from '../../src/upgrade/supply.js'
import { contextOf, machine } from './context.js'

/** A cluster that is well, and in which nobody uses what goes. */
export const wellLooks: Looks = {
  configurations: new Map(),
  requests: new Map([['cp1', { found: [] }]]),
  gone: { found: [] },
  nodes: { found: [{ name: 'cp1', ready: true, message: '', cordoned: false }] },
  etcd: { found: [] },
  certificates: { found: [] },
  kubelets: new Map(),
}

/** The patch release of a minor. */
export const patchOf = (minor: string): string =>
  releases.find((release) => release.minor === minor)?.patch ?? ''

/** The one hop from a minor to another of one control plane and one worker. */
export function hopOf(from: string, to: string): Hop {
  const nodes: NodeRuns[] = [
    { host: 'cp1', apiServer: patchOf(from), kubelet: patchOf(from) },
    { host: 'w1', kubelet: patchOf(from) },
  ]
  const found = hopsTo({ nodes, unknown: [] }, patchOf(to), supplyOf('download', undefined))
  const [hop] = 'hops' in found ? found.hops : []
  if (hop === undefined) throw new Error(`no hop from ${from} to ${to}`)
  return hop
}

/** A hop to a minor as checks see it, on cp1 and w1. */
export function viewOf(
  [from, to]: readonly [string, string],
  {
    context,
    looks,
    first = true,
    programsFor = () => [],
  }: Partial<{
    context: Context
    looks: Partial<Looks>
    first: boolean
    programsFor: ProgramsFor
  }> = {},
): HopView {
  const whole =
    context ?? contextOf([machine(), machine({ name: 'w1', roles: ['worker'], address: '10.88.0.21' })])
  return hopView(whole, hopOf(from, to), first, { ...wellLooks, ...looks }, programsFor)
}
