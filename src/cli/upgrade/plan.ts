import { bundlesBeside } from '../../bundle/beside.js'
import { openBundle } from '../../bundle/bundle.js'
import { archesOf } from '../../bundle/manifest.js'
import { known } from '../../catalog.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { parseVersion } from '../../inventory/version.js'
import { exitCodes, UserError } from '../../lib/errors.js'
import { print, printJson } from '../../ui/screen.js'
import { planUpgrade, type UpgradePlan } from '../../upgrade/plan-upgrade.js'
import { supplyIn, supplyOfBundles } from '../../upgrade/supply.js'
import { openSession } from '../../workflows/session/session.js'
import { type Command, ignoreOption, inventoryOption, list, text } from '../command.js'
import { inventoryOf, sameInventory } from '../inventory.js'
import { askSite } from './ask-site.js'
import { asJson } from './plan-json.js'
import { asText } from './plan-text.js'
import type { BesideBundle } from './shown-plan.js'

export const upgradePlanCommand: Command = {
  name: 'plan [to]',
  about:
    'Show which versions the source has, what every node runs, the hops to a version, what they interrupt, and what stands in the way. Nothing is changed; exit code 4 when something stands in the way.',
  example: 'kubestrap upgrade plan 1.36.3 -i inventory.yaml',
  options: {
    ...inventoryOption,
    ...ignoreOption,
    output: {
      alias: 'o',
      choices: ['plain', 'json'],
      default: 'plain',
      describe: 'json: one object (docs/upgrade.md)',
    },
  },
  positionals: {
    to: {
      type: 'string',
      describe: 'version of Kubernetes (default: that of the inventory)',
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const wished = wishedOf(values)
    const session = await openSession(spec, {
      fetch: false,
      // a host that is away is part of the plan
      mayBeAway: (_, error) => error instanceof UserError && error.kind === 'connection',
      withoutControlPlane: false,
      turn: { kind: 'look', patient: true },
    })
    try {
      const { context, away } = session
      const bundles = await bundlesOf(context.spec)
      const here = bundles.size > 0 ? supplyOfBundles([...bundles.keys()]) : supplyIn(context)
      const { supply, silent } = await askSite(context.spec, here)
      const plan = await planUpgrade(context, wished ?? context.spec.version, {
        supply,
        programsFor: known.programsFor,
        ignore: list(values, 'ignore-preflight'),
      })
      const shown = {
        plan,
        supply,
        silent,
        spec: context.spec,
        bundles,
        away: away.map((one) => one.spec.name),
        again: sameInventory(values),
      }
      if (values.output === 'json') printJson(asJson(shown), 2)
      else print(asText(shown))
      return codeOf(plan)
    } finally {
      await session.close()
    }
  },
}

/** The bundle of an inventory and those beside it, by version. */
async function bundlesOf({ binaries, sources }: ClusterSpec): Promise<Map<string, BesideBundle>> {
  const found =
    sources.kubernetes !== 'bundle' || binaries.bundle === undefined
      ? []
      : [...(await bundlesBeside(binaries.bundle))]
  return new Map(
    await Promise.all(
      found.map(async ([version, directory]) => {
        const { sha256, manifest } = await openBundle(directory)
        return [version, { directory, sha256, arches: archesOf(manifest) }] as const
      }),
    ),
  )
}

/** The version of the command line; undefined: none. Throws UserError('usage') for what is no version. */
function wishedOf(values: Record<string, unknown>): ClusterSpec['version'] | undefined {
  const written = text(values, 'to')
  if (written === '') return undefined
  const version = parseVersion(written)
  if (version !== undefined) return version
  throw new UserError('usage', `${written} is not a version of Kubernetes`, {
    next: 'use three numbers: 1.36.3',
  })
}

/** Something in the way is a check that failed: what is not known stands in the way too. */
function codeOf({ wish, findings }: UpgradePlan): number {
  const fatal = findings.some(({ severity, ignored }) => severity === 'error' && !ignored)
  return wish.kind === 'refused' || fatal ? exitCodes.preflight : exitCodes.ok
}
