import { isEtcdHost, isNode } from '../cluster/machine.js'
import type { Check } from '../preflight/check.js'
import { checks as preflightChecks } from '../preflight/checks.js'
import type { Closer } from '../preflight/closer.js'
import { type Finding, runChecks } from '../preflight/run-checks.js'
import { lookAtVersions } from '../preflight/versions.js'
import type { HopView } from './checks/check.js'
import { upgradeChecks } from './checks/checks.js'

/** What a check found, with the versions to which it stands in the way. */
export interface UpgradeFinding extends Finding {
  hops: readonly string[]
}

/** What preflight finds of images is of use where the bundle is the one of the hop. */
const ofBundle: ReadonlySet<string> = new Set(['ImagePull'])

/**
 * Runs the checks of upgrades, and those of preflight for the release of each hop, and tells what several hops have alike
 * once. Machines are asked for the versions of their runtimes again for each hop, as a release may bring its own.
 * @param closer what machines said, for the first hop
 * @param ignore names of checks whose errors become warnings; "all" for every one
 * Throws UserError('usage') for a name no check has.
 */
export async function runUpgradeChecks(
  views: readonly HopView[],
  closer: Closer,
  ignore: readonly string[],
): Promise<UpgradeFinding[]> {
  const found = new Map<string, { finding: Finding; hops: string[] }>()
  for (const view of views) {
    const { context, hop, first } = view
    const versions = first
      ? closer.versions
      : await lookAtVersions(context, (machine) => isNode(machine) || isEtcdHost(machine))
    const own = upgradeChecks.map(({ name, about, run }): Check => ({ name, about, run: () => run(view) }))
    const findings = runChecks(context, { ...closer, versions }, [...own, ...preflightChecks], ignore)
    for (const finding of findings) {
      if (!hop.available && ofBundle.has(finding.check)) continue
      const key = JSON.stringify([finding.check, finding.host, finding.severity, finding.what, finding.next])
      const known = found.get(key)
      if (known) known.hops.push(hop.to)
      else found.set(key, { finding, hops: [hop.to] })
    }
  }
  return [...found.values()].map(({ finding, hops }) => ({ ...finding, hops }))
}
