import { known } from '../catalog.js'
import type { Context } from '../cluster/context.js'
import type { Upgrade } from '../cluster/upgrade.js'
import { upgradeChecks } from '../upgrade/checks/checks.js'
import { healthChecks } from '../upgrade/checks/health-checks.js'
import { planUpgrade } from '../upgrade/plan-upgrade.js'
import { refuseWish } from '../upgrade/refuse-wish.js'
import type { UpgradeFinding } from '../upgrade/run-upgrade-checks.js'
import { supplyIn } from '../upgrade/supply.js'

const health = new Set(healthChecks.map(({ name }) => name))

/** Names of checks that only an upgrade has: preflight does not know them. */
export const upgradeCheckNames: ReadonlySet<string> = new Set(
  upgradeChecks.map(({ name }) => name.toLowerCase()),
)

/**
 * Runs the checks of an upgrade before anything of it is done; reads only. What is not well is told and does not stop a run
 * that goes on with an upgrade which was begun: it is what mends it. Neither does what concerns hosts that the run goes without.
 * @param ignore names of checks whose errors become warnings
 * Throws UserError for a version that is not gone to in one run.
 */
export async function checkUpgrade(
  context: Context,
  { to, begun }: Upgrade,
  ignore: readonly string[],
): Promise<UpgradeFinding[]> {
  const { spec, away } = context
  const { wish, findings } = await planUpgrade(context, to, {
    supply: supplyIn(context),
    programsFor: known.programsFor,
    ignore,
  })
  if (!begun || (wish.kind === 'refused' && wish.reason === 'skew')) refuseWish(spec, wish)
  return findings.map((finding) =>
    begun || (health.has(finding.check) && away.has(finding.host)) ? { ...finding, ignored: true } : finding,
  )
}
