import type { RolloutSpec } from '../../inventory/spec.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import { at, listAt, nameOf, textAt } from '../../kubernetes/read.js'

/** A Pod that is to leave its node. */
export interface Leaving {
  name: string
  namespace: string
  uid: string
  /** It is to be deleted already. */
  ending: boolean
  /** Its tolerations, as the API has them. */
  tolerations: readonly unknown[]
}

/** The tolerations of a Pod, as the API has them. */
export const tolerationsOf = (pod: Json): readonly unknown[] => listAt(pod, 'spec', 'tolerations')

/**
 * Which Pods of a node leave it before what runs there ends, by the rules of `kubectl drain` (its filters.go): not those
 * of DaemonSets, which would come back at once, not static Pods, not those that have ended. Pure.
 * @returns refused: why a Pod that would be lost keeps the drain from beginning, a line each
 */
export function evictable(
  pods: readonly Json[],
  { deleteEmptyDirData, force }: Pick<RolloutSpec['drain'], 'deleteEmptyDirData' | 'force'>,
): { leaving: Leaving[]; refused: string[] } {
  const leaving: Leaving[] = []
  const refused: string[] = []
  for (const pod of pods) {
    const namespace = textAt(pod, 'metadata', 'namespace')
    const shown = `${namespace}/${nameOf(pod)}`
    const owner = listAt(pod, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true)
    const ended = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'))
    const isMirror = at(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined
    if (isMirror || textAt(owner, 'kind') === 'DaemonSet') continue
    if (!ended) {
      if (owner === undefined && !force) refused.push(`Pod ${shown} has no controller that recreates it`)
      if (
        !deleteEmptyDirData &&
        listAt(pod, 'spec', 'volumes').some((volume) => at(volume, 'emptyDir') !== undefined)
      )
        refused.push(`Pod ${shown} has data in an emptyDir volume`)
    }
    leaving.push({
      name: nameOf(pod),
      namespace,
      uid: textAt(pod, 'metadata', 'uid'),
      ending: at(pod, 'metadata', 'deletionTimestamp') !== undefined,
      tolerations: tolerationsOf(pod),
    })
  }
  return { leaving, refused }
}
