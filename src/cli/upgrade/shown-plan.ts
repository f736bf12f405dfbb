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

/** Something to do for an upgrade: a value of the inventory to change, or a command to run. */
export type PlanStep = { set: 'kubernetes.version'; to: string } | { run: string }

/** What makes the upgrade, in order: each hop is an up of its own, and needs a bundle of its own where there is one. Pure. */
export function stepsOf({ plan, supply, spec, again }: ShownPlan): PlanStep[] {
  const { hops, wished } = plan
  const up = `kubestrap up${again}`
  const written = spec.unset.includes('kubernetes.version') ? undefined : spec.version
  const set = (to: string, is: string | undefined): PlanStep[] =>
    to === is ? [] : [{ set: 'kubernetes.version', to }]
  if (hops.length === 0) return []
  if (hops.length === 1)
    return [...set(wished, written), ...bundled(hops), { run: `kubestrap plan${again}` }, { run: up }]
  return hops.flatMap((one, i) => [
    ...set(one.hop.to, i === 0 ? written : undefined),
    ...bundled([one]),
    { run: up },
  ])

  function bundled(some: UpgradePlan['hops']): PlanStep[] {
    return supply.from === 'bundle' && some.some(({ hop }) => !hop.available)
      ? [{ run: `kubestrap bundle create${again}` }]
      : []
  }
}
