import type { ClusterSpec } from '../inventory/spec.js'
import type { Answer } from './read-living.js'
import type { OnDisk } from './read-on-disk.js'
import {
  changedPlace,
  type Leaves,
  refusals,
  refusalsOf,
  refuse,
  refuseUnknown,
  toldByApi,
} from './unchangeable.js'

/**
 * Throws when the inventory asks of a living cluster what up does not make: by what its API says and, of what the API
 * does not tell or when it is silent, by what lies on its nodes. Pure otherwise.
 * @param guarded a guard could not look, or refuses: it knows more than that something is unknown
 * @param leaves whether nodes can leave one runtime for another
 */
export function refuseChanges(
  spec: ClusterSpec,
  answer: Answer,
  disk: OnDisk,
  { guarded, leaves }: { guarded: boolean; leaves: Leaves },
): void {
  if ('living' in answer) {
    const byApi = new Set(toldByApi(spec, answer.living).map(({ field }) => field))
    const rest = disk.told.filter(({ field }) => !byApi.has(field))
    refuse(spec, [...refusals(spec, answer.living, leaves), ...refusalsOf(spec, rest, leaves)])
    return
  }
  if (disk.living.length === 0) return
  const byName = new Map(spec.hosts.map((host) => [host.name, host]))
  const placed = disk.nodes.flatMap((node) => changedPlace(byName.get(node.name), node))
  refuse(spec, [...refusalsOf(spec, disk.told, leaves), ...placed])
  if (!guarded) refuseUnknown(disk.told, disk.living, answer.silence)
}
