import type { ClusterSpec } from '../../inventory/spec.js'
import { releases } from '../../kubernetes/releases/index.js'
import type { UpgradePlan } from '../../upgrade/plan-upgrade.js'
import type { Supply } from '../../upgrade/supply.js'

/** A plan, and what stands around it. */
export interface ShownPlan {
  plan: UpgradePlan
  supply: Supply
  spec: ClusterSpec
  /** Names of hosts of the inventory that were not reached. */
  away: readonly string[]
  /** " -i FILE", or '' for the default inventory. */
  again: string
}

/** A version of the inventory's source: the newest of each minor that is known to be there. */
export interface OfferedVersion {
  version: string
  minor: string
  untested: boolean
}

/** What the source offers, oldest first. Pure. */
export const offered = (supply: Supply): OfferedVersion[] =>
  releases.flatMap(({ minor, untested }) => {
    const version = supply.newestOf(minor)
    return version === undefined ? [] : [{ version, minor, untested }]
  })

/** The commands that make the upgrade, in order; with a bundle each hop needs one of its own. Pure. */
export function commandsOf({ plan, supply, again }: ShownPlan): string[] {
  const { hops } = plan
  if (hops.length === 0) return []
  const up = `kubestrap up${again}`
  if (hops.length === 1) return [`kubestrap plan${again}`, up]
  if (supply.from !== 'bundle') return [`kubestrap plan${again}`, `${up} --hops`]
  return hops.flatMap(({ hop }) => [...(hop.available ? [] : [`kubestrap bundle create${again}`]), up])
}
