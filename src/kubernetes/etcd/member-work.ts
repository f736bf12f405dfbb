import { urlHost } from '../../lib/url-host.js'
import type { EtcdMember } from '../client/etcd.js'

/** What a machine has of its etcd member on its own disk. */
export interface LocalEtcd {
  /** Its data directory holds a member's data. */
  data: boolean
  /** Text of its static pod's manifest or of its unit; undefined when there is none. */
  manifest: string | undefined
}

/** What must be done so that a machine has a voting etcd member. */
export type MemberWork =
  | { kind: 'nothing' }
  /** The cluster does not know it. */
  | { kind: 'add' }
  /** It was added by a run that was cut, and has not started. */
  | { kind: 'complete'; id: string; learner: boolean }
  /** It runs, and has no vote yet. */
  | { kind: 'promote'; id: string }
  /** The cluster knows it from an earlier life, whose data is gone: that one goes, and it is added anew. */
  | { kind: 'replace'; id: string; name: string; learner: boolean }
  | { kind: 'refuse'; why: string; next: string }

/**
 * Decides by the peer URL, which is what etcd knows a member by before it has started: a half-added one is
 * found again and never added twice. Pure.
 * @param members as a living member lists them
 */
export function memberWork(
  own: { name: string; peerUrl: string; dataDir: string },
  members: readonly EtcdMember[],
  local: LocalEtcd,
): MemberWork {
  const me = members.find(({ peerUrls }) => peerUrls.includes(own.peerUrl))
  const clear = `if its data is not needed, move ${own.dataDir}/member away (or kubestrap reset ${own.name}), then run kubestrap up again`
  if (!me) {
    const twin = members.find(({ name }) => name === own.name)
    if (twin)
      return {
        kind: 'refuse',
        why: `etcd has another member called ${own.name}, at ${twin.peerUrls.join(', ')} (id ${twin.id})`,
        next: `use another name for this host; or, if that member is lost, kubestrap reset --gone ${urlHost(twin.peerUrls[0] ?? '')} removes it`,
      }
    if (local.data)
      return {
        kind: 'refuse',
        why: `${own.dataDir} holds an etcd member's data, but the cluster has no member at ${own.peerUrl}`,
        next: clear,
      }
    return { kind: 'add' }
  }
  // members of a static cluster have their names from the first day, and client URLs once they have started
  if (me.name === '' || me.clientUrls.length === 0) {
    // data comes only after the manifest: without one it is somebody else's
    if (local.data && local.manifest === undefined)
      return {
        kind: 'refuse',
        why: `${own.dataDir} holds an etcd member's data, but its member of this cluster has never started`,
        next: clear,
      }
    return { kind: 'complete', id: me.id, learner: me.learner }
  }
  if (!local.data) return { kind: 'replace', id: me.id, name: me.name, learner: me.learner }
  return me.learner ? { kind: 'promote', id: me.id } : { kind: 'nothing' }
}

/**
 * Members that were added and never started, and whose host the inventory does not have: nobody will start them,
 * and each that votes makes the quorum larger. Pure.
 * @param peerUrls of the inventory's members
 */
export function remnants(members: readonly EtcdMember[], peerUrls: readonly string[]): EtcdMember[] {
  return members.filter(
    (member) => member.name === '' && !member.peerUrls.some((url) => peerUrls.includes(url)),
  )
}

/** Learners came with etcd 3.4. */
export function hasLearners(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 4)
}
