import type { Options } from 'yargs'
import { bundlesBeside } from '../bundle/beside.js'
import { known } from '../catalog.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { stopOn } from '../preflight/run-checks.js'
import { tell } from '../ui/screen.js'
import type { Hop } from '../upgrade/hops.js'
import { planUpgrade, type UpgradePlan } from '../upgrade/plan-upgrade.js'
import { type Supply, supplyOf, supplyOfBundles } from '../upgrade/supply.js'
import { openSession } from '../workflows/session/session.js'
import { withoutHosts } from './away.js'
import { list, text } from './command.js'
import { sameInventory } from './inventory.js'
import { askSite } from './upgrade/ask-site.js'

export const hopsOption = {
  hops: {
    type: 'boolean',
    default: false,
    describe:
      'reach a version several minors away hop by hop, each verified before the next; without it such a version is refused with the list of hops',
  },
} satisfies Record<string, Options>

/** Where the versions of an upgrade come from. */
interface HopSource {
  supply: Supply
  /** The inventory for a hop. */
  specOf(hop: Hop): ClusterSpec
}

/**
 * Brings a cluster to a version several minors away: what stands in the way of any hop stops all before the first; each is
 * planned, asked for, made and verified like an `up` of its own, and the first that does not succeed ends it. One that was
 * interrupted is continued by the next: what runs says where it is. Any other wish is one `up`.
 * @param once runs `up` for an inventory
 * Returns the exit code. Throws UserError('usage') for options that do not go with it.
 */
export async function upByHops(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  once: (spec: ClusterSpec) => Promise<number>,
): Promise<number> {
  refuseOptions(values)
  const source = await hopSource(spec)
  const { wish, hops, findings } = await lookAhead(spec, values, source)
  if (wish.kind !== 'minors') return once(spec)
  stopOn(findings)
  return makeHops(
    hops.map(({ hop }) => hop),
    sameInventory(values),
    (hop) => once(source.specOf(hop)),
  )
}

/**
 * Makes hops one after the other, up to the first that does not succeed.
 * @param again what names the inventory in a command: " -i FILE"
 * Returns the exit code of the last that was made.
 */
export async function makeHops(
  hops: readonly Hop[],
  again: string,
  make: (hop: Hop) => Promise<number>,
): Promise<number> {
  for (const [i, hop] of hops.entries()) {
    const which = `Hop ${i + 1} of ${hops.length}`
    tell(`${which}: Kubernetes ${hop.from} → ${hop.to}\n`)
    const code = await make(hop)
    if (code === exitCodes.ok) continue
    tell(
      `${which} did not succeed: no further hop is made. When the cause is fixed, kubestrap up --hops${again} continues.\n`,
    )
    return code
  }
  return exitCodes.ok
}

function refuseOptions(values: Record<string, unknown>): void {
  const other = [
    ...(text(values, 'plan') === '' ? [] : ['--plan']),
    ...(list(values, 'limit').length > 0 ? ['--limit'] : []),
    ...(values.verify === false ? ['--no-verify'] : []),
  ][0]
  if (other === undefined) return
  throw new UserError('usage', `--hops and ${other} exclude each other`, {
    why:
      other === '--no-verify'
        ? 'each hop is verified before the next'
        : 'each hop is of every host, and is planned when the one before is done',
    next: `omit ${other}, or set kubernetes.version to one hop after the other`,
  })
}

/**
 * Of an inventory with a bundle: the bundles that lie beside it. Of one with downloads: what the site says; where it does not,
 * that is told. Throws UserError('inventory') where binaries.sha256 says which
 * one bundle is trusted: nobody vouches for others.
 */
export async function hopSource(spec: ClusterSpec): Promise<HopSource> {
  const { bundle, sha256 } = spec.binaries
  if (spec.sources.kubernetes !== 'bundle' || bundle === undefined) {
    const { supply, silent } = await askSite(spec, supplyOf(spec.sources.kubernetes, undefined))
    if (silent !== undefined)
      tell(
        `warning: hops go to the newest patch releases that kubestrap knows: the site did not say which are the newest of some or all minors (${silent})\n`,
      )
    return { supply, specOf: ({ to }) => (to === spec.version ? spec : spec.atVersion(to)) }
  }
  const bundles = await bundlesBeside(bundle)
  return {
    supply: supplyOfBundles([...bundles.keys()]),
    specOf: ({ to }) => {
      if (to === spec.version) return spec
      if (sha256 !== undefined)
        throw new UserError(
          'inventory',
          `binaries.sha256 is of one bundle, and the hop to ${to} needs another`,
          {
            why: spec.at('binaries.sha256'),
            next: 'make the hops one after the other: set kubernetes.version, binaries.bundle and binaries.sha256 for each',
          },
        )
      return withBundle(spec.atVersion(to), bundles.get(to) ?? bundle)
    },
  }
}

/** The inventory with another bundle, whatever of the cluster it is completed with. */
const withBundle = (spec: ClusterSpec, bundle: string): ClusterSpec => ({
  ...spec,
  binaries: { bundle },
  keeping: (kept) => withBundle(spec.keeping(kept), bundle),
  atVersion: (version) => withBundle(spec.atVersion(version), bundle),
})

/** The hops to the inventory's version, and what stands in the way of any; nothing is changed. */
async function lookAhead(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  source: HopSource,
): Promise<UpgradePlan> {
  const session = await openSession(spec, {
    fetch: false,
    ...withoutHosts(spec, values, undefined),
    turn: { kind: 'look', patient: true },
  })
  try {
    const { context } = session
    const plan = await planUpgrade(context, context.spec.version, {
      supply: source.supply,
      programsFor: known.programsFor,
      ignore: list(values, 'ignore-preflight'),
    })
    // a hop that has no inventory of its own is refused before the first is made
    if (plan.wish.kind === 'minors') for (const { hop } of plan.hops) source.specOf(hop)
    return plan
  } finally {
    await session.close()
  }
}
