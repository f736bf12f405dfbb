import type { Context } from '../cluster/context.js'
import { withReleases } from '../cluster/with-releases.js'
import { releaseFor } from '../kubernetes/releases/index.js'
import { lookCloser } from '../preflight/closer.js'
import { type HopEffects, hopEffects } from './hop-effects.js'
import { hopView, type ProgramsFor } from './hop-view.js'
import { type Hop, hopsTo, type Seen, type VersionWish } from './hops.js'
import { lookAtCluster } from './look-at-cluster.js'
import { readSeen } from './read-seen.js'
import { runUpgradeChecks, type UpgradeFinding } from './run-upgrade-checks.js'
import type { Supply } from './supply.js'

/** What an upgrade would be, and what stands in its way. */
export interface UpgradePlan {
  wished: string
  seen: Seen
  wish: VersionWish
  hops: readonly { hop: Hop; effects: HopEffects }[]
  /** Of the checks, in their order; errors that are not ignored stand in the way. */
  findings: readonly UpgradeFinding[]
}

export interface PlanUpgradeOptions {
  supply: Supply
  programsFor: ProgramsFor
  /** Names of checks whose errors become warnings. */
  ignore: readonly string[]
}

/**
 * Reads what runs and all that an upgrade to a version has to be sure of. Nothing is changed, on hosts and in the API; no
 * host is taken over and no lock is asked for.
 * Throws UserError('usage') for the name of a check that there is not.
 */
export async function planUpgrade(
  context: Context,
  wished: string,
  { supply, programsFor, ignore }: PlanUpgradeOptions,
): Promise<UpgradePlan> {
  const seen = await readSeen(context)
  const wish = hopsTo(seen, wished, supply)
  const hops = 'hops' in wish ? wish.hops : []
  const [first] = hops
  const findings = first === undefined ? [] : await find(context, hops, first, { programsFor, ignore })
  return {
    wished,
    seen,
    wish,
    hops: hops.map((hop) => ({
      hop,
      effects: hopEffects(context.spec, hop),
    })),
    findings,
  }
}

async function find(
  context: Context,
  hops: readonly Hop[],
  first: Hop,
  { programsFor, ignore }: Pick<PlanUpgradeOptions, 'programsFor' | 'ignore'>,
): Promise<UpgradeFinding[]> {
  const to = releaseFor(first.to)
  const closer = await lookCloser(
    withReleases(context, () => to),
    true,
  )
  const looks = await lookAtCluster(context, to, closer.kubelets)
  const views = hops.map((hop) => hopView(context, hop, hop === first, looks, programsFor))
  return runUpgradeChecks(views, closer, ignore)
}
