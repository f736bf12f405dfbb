import { catalog } from '../../../catalog.js'
import type { Connected } from '../../../cluster/machine.js'
import type { Host } from '../../../host/host.js'
import { openHost } from '../../../host/open-host.js'
import { thisOperator } from '../../../host/operator.js'
import type { ClusterSpec, HostSpec } from '../../../inventory/spec.js'
import { UserError } from '../../../lib/errors.js'
import { readRepositoryKeys } from '../../../phases/repositories.js'
import { type Away, connectAll } from '../../session/connect.js'
import { chooseFor, forget, type SystemChoice } from './choose.js'
import { systemWishes } from './wishes.js'

/** Hosts of an inventory, connected to for their packages alone. */
export interface PackageHosts {
  connected: readonly Connected[]
  away: readonly Away[]
  /** Names of those that packages are taken from; none: see `chooseFor`. */
  named: readonly string[]
  close(): Promise<void>
}

/**
 * Connects to the hosts of an inventory that can be reached. Throws UserError: 'connection' when that is none, 'inventory' where
 * packages come from elsewhere.
 * @param named see PackageHosts. Throws UserError('usage') for a name that no host has
 * @param open how a host is reached. Default: as the inventory says
 */
export async function openPackageHosts(
  spec: ClusterSpec,
  named: readonly string[] = [],
  open = (host: HostSpec): Host => openHost(host, { operator: thisOperator() }),
): Promise<PackageHosts> {
  refuseOthers(spec)
  const strange = named.find((one) => spec.hosts.every(({ name }) => name !== one))
  if (strange !== undefined)
    throw new UserError('usage', `--packages-from: no host is called ${JSON.stringify(strange)}`, {
      why: `the inventory has ${spec.hosts.map(({ name }) => name).join(', ')}`,
      next: 'name hosts of the inventory, with commas between them',
    })
  const hosts = spec.hosts
    .filter(({ state }) => state !== 'down')
    .map((one) => ({ spec: one, host: open(one) }))
  const close = async (): Promise<void> => {
    await Promise.all(hosts.map(({ host }) => host.close()))
  }
  try {
    const isAway = (_: HostSpec, error: unknown): boolean =>
      error instanceof UserError && error.kind === 'connection'
    const { connected, away } = await connectAll(hosts, catalog.caDirectories, { mayBeAway: isAway })
    if (connected.length === 0) throw away[0]?.error ?? new Error('an inventory without hosts')
    return { connected, away, named, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Throws UserError('inventory') for what no bundle with packages can have. */
function refuseOthers(spec: ClusterSpec): void {
  if (spec.sources.kubernetes === 'packages')
    throw new UserError('inventory', 'bundle create cannot download the packages of Kubernetes', {
      why: `sources.kubernetes is packages (${spec.at('sources.kubernetes')})`,
      next: 'use sources: { kubernetes: bundle }; --os-packages is for the packages of the distribution',
    })
}

/** Finds, on one host of each system, which packages the hosts take. Throws as `systemWishes` and `chooseFor`. */
export async function choosePackages(
  spec: ClusterSpec,
  { packagesFrom, say }: { packagesFrom?: PackageHosts | undefined; say(line: string): void },
): Promise<SystemChoice[]> {
  if (!packagesFrom) return []
  const { connected, away, named } = packagesFrom
  for (const { spec: host, error } of away)
    say(
      `${host.name} cannot be reached (${error instanceof UserError ? error.message : 'unknown'}): nothing is known of its system`,
    )
  const keys = await readRepositoryKeys(spec)
  const wishes = systemWishes(spec, connected, say)
  const results = await Promise.allSettled(wishes.map((wish) => chooseFor(wish, keys, say, named)))
  const choices = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = results.find((one) => one.status === 'rejected')
  if (!failed) return choices
  await Promise.all(choices.map(forget))
  throw failed.reason
}
