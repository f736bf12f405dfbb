import type { ClusterSpec } from '../../inventory/spec.js'
import { releases } from '../../kubernetes/releases/index.js'
import type { UpgradePlan } from '../../upgrade/plan-upgrade.js'
import type { Supply } from '../../upgrade/supply.js'

/** A plan, and what stands around it. */
export interface ShownPlan {
  plan: UpgradePlan
  supply: Supply
  /** Why the site of downloads did not say which patch releases are there; undefined where it did, or was not asked. */
  silent?: string | undefined
  spec: ClusterSpec
  /** Of an inventory with a bundle: that one and those beside it, by the version of Kubernetes that they are for. */
  bundles: ReadonlyMap<string, BesideBundle>
  /** Names of hosts of the inventory that were not reached. */
  away: readonly string[]
  /** " -i FILE", or '' for the default inventory. */
  again: string
}

/** A bundle that is there. */
export interface BesideBundle {
  directory: string
  /** Of its bundle.json. */
  sha256: string
  arches: readonly string[]
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
