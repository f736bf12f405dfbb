import { clusterRelease } from '../cluster/cluster-release.js'
import type { Context } from '../cluster/context.js'
import { etcdHop } from '../cluster/etcd/hop.js'
import { tagOf } from '../cluster/static-pod-files.js'
import { imageFor } from '../kubernetes/images.js'
import type { Refusal } from './unchangeable.js'

/**
 * An etcd beside API servers that its data, or the other members, would not follow: of an older minor, or of one that is more
 * than one ahead (etcd.io/docs, "Upgrading etcd clusters and applications"; an upgrade of Kubernetes asks more, see
 * upgrade/checks/etcd-checks.ts). Tags without a version in them are not judged. Pure.
 * @param tags image tags of the members that have begun, by host
 */
export function etcdVersionRefusals(
  context: Pick<Context, 'spec' | 'machines'>,
  tags: ReadonlyMap<string, string>,
): Refusal[] {
  const { spec } = context
  if (spec.etcd.external) return []
  const wanted = tagOf(imageFor('etcd', spec, clusterRelease(context))) ?? ''
  const found = [...tags].flatMap(([, is]): Refusal[] => {
    const hop = etcdHop(is, wanted)
    if (hop === undefined || hop === 0 || hop === 1) return []
    const way =
      hop < 0
        ? 'etcd does not read data of a newer minor: restore the old value'
        : 'etcd goes one minor at a time: set a tag of the next minor first, and run kubestrap up'
    return [{ field: 'etcd.imageTag', is, wanted, way }]
  })
  return found.slice(0, 1)
}
