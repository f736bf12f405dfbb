import type { Release } from '../kubernetes/releases/release.js'
import type { Context } from './context.js'
import type { Connected, Machine } from './machine.js'
import { readRunning } from './running.js'

/** Which release a machine should run: the answer of a workflow. */
export type ReleaseOf = (machine: Pick<Machine, 'spec'>) => Release

/** A machine that is to run a release. */
export const released = (machine: Connected, wanted: Release): Machine => ({
  ...machine,
  release: { wanted, runs: () => readRunning(machine.host) },
})

/**
 * A run in which machines should run other releases: one stage of an upgrade. Nothing else of it changes; programs,
 * repositories and releases of projects have to be those of a session that was told of them.
 */
export function withReleases(context: Context, releaseOf: ReleaseOf): Context {
  const again = new Map(
    context.machines.map((machine) => [machine.spec.name, released(machine, releaseOf(machine))]),
  )
  const of = (machine: Machine): Machine => again.get(machine.spec.name) ?? machine
  const { planes, etcdHosts } = context
  return {
    ...context,
    machines: context.machines.map(of),
    planes: { ...planes, leader: planes.leader && of(planes.leader) },
    etcdHosts: etcdHosts && { ...etcdHosts, order: etcdHosts.order.map(of) },
  }
}
