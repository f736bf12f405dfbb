import type { Context } from '../cluster/context.js'
import { isEtcdHost, isJoiningWorker, isNode } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'
import type { Answer } from './read-living.js'

/**
 * Throws where a run may not go on without the hosts that are away: a cluster is created, or brought back, only when
 * every host that may know something of it is seen. Where its API answers etcd has a quorum, and says what there is.
 * Worker nodes that the run is not about may be away when a cluster is created, as they have no part in it (init).
 */
export function refuseWithout({ spec, away, chosen }: Context, answer: Answer): void {
  if ('living' in answer) return
  const needed = spec.hosts.filter(
    (host) =>
      away.has(host.name) &&
      (isNode({ spec: host }) || isEtcdHost({ spec: host })) &&
      ((chosen?.has(host.name) ?? true) || !isJoiningWorker({ spec: host })),
  )
  if (needed.length === 0) return
  const names = needed.map(({ name }) => name).join(', ')
  throw new UserError('preflight', `the cluster does not answer, and ${names} cannot be reached`, {
    why: `${answer.silence}\na cluster is created or repaired only when each of its hosts is seen: one that is away may have its CA or its data`,
    next: `bring back ${names}, and run again; nothing was changed`,
  })
}
