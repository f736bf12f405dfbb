import { type Connected, isNode, planesFirst } from '../../cluster/machine.js'
import type { Choice } from '../../inventory/choice.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { parseVersion } from '../../inventory/version.js'
import { readOnDisk } from '../../preflight/read-on-disk.js'
import { signs } from '../signs.js'

/**
 * The inventory with the version, the runtime and the network of the cluster its hosts are, in the place of defaults: what
 * it does not name a living cluster keeps. Its control planes are believed before workers, the first in the inventory's order
 * before others; what they do not agree on is refused when the run plans, as any other change is.
 * Throws UserError('connection') for a host that gives no answer, InventoryError when the rest of the inventory does not
 * go with what the cluster has.
 */
export async function asItLives(spec: ClusterSpec, machines: readonly Connected[]): Promise<ClusterSpec> {
  if (spec.unset.length === 0) return spec
  const nodes = machines.filter((machine) => isNode(machine) && machine.facts.kubernetes)
  if (nodes.length === 0) return spec
  // workers last: they are believed of what no control plane tells, as after a birth that was cut
  const { told } = await readOnDisk({ spec, machines: planesFirst(nodes) }, signs)
  const kept = spec.unset.flatMap((choice): [Choice, string][] => {
    const is = told.find(({ field }) => field === choice)?.is
    const value = choice === 'kubernetes.version' ? is && parseVersion(is) : is
    return value === undefined || !isKnown[choice](value) ? [] : [[choice, value]]
  })
  return kept.length === 0 ? spec : spec.keeping(Object.fromEntries(kept))
}

/** A word of a host's that is nothing to kubestrap is no choice; planning tells of the difference. */
const isKnown: Readonly<Record<Choice, (value: string) => boolean>> = {
  'kubernetes.version': () => true,
  runtime: (value) => signs.runtimes.some(({ id }) => id === value),
  network: (value) => signs.networks.some(({ id }) => id === value),
}
