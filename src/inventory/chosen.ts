import { type Choice, choices, type Kept, type OpenSource, openSources } from './choice.js'
import { defaultNetwork, releasedRuntime } from './defaults.js'
import type { Known } from './known.js'
import type { Inventory, WrittenInventory } from './schema/schema.js'
import { minorOf, parseVersion } from './version.js'

/**
 * An inventory with a version, a runtime and a network: its own, else those that are kept, else the defaults. Pure.
 * @param wished a version in the place of every one of these
 */
export function chosen(
  written: WrittenInventory,
  known: Known,
  kept: Kept = {},
  wished: string | undefined = undefined,
): Inventory {
  const own: Readonly<Record<Choice, string | undefined>> = {
    'kubernetes.version': wished ?? written.kubernetes?.version,
    runtime: written.runtime,
    network: written.network,
  }
  const version = own['kubernetes.version'] ?? kept['kubernetes.version'] ?? known.newest
  const minor = minorOf(parseVersion(version) ?? version)
  // a program for Docker says that Docker is meant
  const runtime =
    own.runtime ?? kept.runtime ?? (written.docker?.criDockerd ? 'docker' : known.defaultRuntime(minor))
  const unsetSources = openSources.filter(
    (source) => written.sources?.[source] === undefined && canDownload[source](runtime, written),
  )
  const downloads = unsetSources.filter((source) => kept.downloads?.includes(source))
  return {
    ...written,
    kubernetes: { ...written.kubernetes, version },
    runtime,
    ...(downloads.length === 0
      ? {}
      : {
          sources: { ...written.sources, ...Object.fromEntries(downloads.map((one) => [one, 'download'])) },
        }),
    unsetSources,
    network: own.network ?? kept.network ?? defaultNetwork,
    unset: choices.filter((choice) => own[choice] === undefined),
  }
}

/** What no inventory may say is no default either; see program-source-problems.ts. */
const canDownload: Readonly<Record<OpenSource, (runtime: string, written: WrittenInventory) => boolean>> = {
  runtime: (runtime) => runtime === releasedRuntime,
  cniPlugins: (_, { sources }) => sources?.kubernetes !== 'packages',
}
