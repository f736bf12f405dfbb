import type { ClusterSpec } from '../inventory/spec.js'
import type { Answer } from './read-living.js'
import type { OnDisk } from './read-on-disk.js'
import {
  changedPlace,
  type Leaves,
  type Refusal,
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
 * @param more what else was found: hosts with an etcd member for which they have no role any more, an etcd of another minor
 */
export function refuseChanges(
  spec: ClusterSpec,
  answer: Answer,
  disk: OnDisk,
  { guarded, leaves, more }: { guarded: boolean; leaves: Leaves; more: readonly Refusal[] },
): void {
  if ('living' in answer) {
    const byApi = new Set(toldByApi(spec, answer.living).map(({ field }) => field))
    const rest = disk.told.filter(({ field }) => !byApi.has(field))
    refuse(
      spec,
      withMore([...refusals(spec, answer.living, leaves), ...refusalsOf(spec, rest, leaves)], more),
    )
    return
  }
  if (disk.living.length === 0) {
    refuse(spec, more)
    return
  }
  const byName = new Map(spec.hosts.map((host) => [host.name, host]))
  const placed = disk.nodes.flatMap((node) => changedPlace(byName.get(node.name), node))
  refuse(spec, withMore([...refusalsOf(spec, disk.told, leaves), ...placed], more))
  if (!guarded) refuseUnknown(disk.told, disk.living, answer.silence)
}

/** Of a control plane node that became a worker its role is told once. */
const withMore = (found: readonly Refusal[], more: readonly Refusal[]): Refusal[] => [
  ...found,
  ...more.filter(({ field }) => !found.some((one) => one.field === field)),
]
