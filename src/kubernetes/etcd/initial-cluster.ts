import { UserError } from '../../lib/errors.js'
import { plainValue } from '../../lib/plain-value.js'
import { readYaml } from '../../lib/yaml-source.js'
import type { EtcdMember } from '../client/etcd.js'
import type { StaticPodFacts } from '../manifests/static-pods.js'
import { listAt } from '../read.js'

/** What a member is told of its cluster when it starts for the first time; later etcd does not heed it. */
export type Founding = Pick<StaticPodFacts, 'initialCluster' | 'initialClusterState'>

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/
const peerUrl = /^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/

/**
 * What a joining member is told (kubeadm: etcd.AddMember, phases/etcd getEtcdCommand): every member there is,
 * in etcd's order, itself by the name it will have, others that have not started by their hexadecimal id. What another
 * member calls itself goes into a file of this one: a name that would be more than a name there counts as none (etcd
 * compares URLs, not names).
 * Throws UserError('step') for a peer URL that is none.
 */
export function joiningCluster(
  members: readonly Pick<EtcdMember, 'id' | 'name' | 'peerUrls'>[],
  own: { name: string; peerUrl: string },
): Required<Founding> {
  const entries = members.map(({ id, name, peerUrls: [url = ''] }) => {
    if (url === own.peerUrl) return `${own.name}=${url}`
    if (!peerUrl.test(url))
      throw new UserError('step', `etcd member ${id} has no usable peer URL`, {
        why: `it says ${JSON.stringify(url)}`,
        next: 'correct it: etcdctl member update ID --peer-urls=https://ADDRESS:2380',
      })
    return `${plainName.test(name) ? name : id}=${url}`
  })
  return { initialCluster: entries.join(','), initialClusterState: 'existing' }
}

/**
 * What a manifest on disk tells its member of the cluster; undefined when it tells nothing. A member that
 * lives keeps it whatever became of the cluster since: its text would differ, its meaning is spent.
 */
export function foundingOf(manifest: string): Founding | undefined {
  const flag = (name: string): string | undefined => {
    const prefix = `--${name}=`
    return commandOf(manifest)
      .find((argument) => argument.startsWith(prefix))
      ?.slice(prefix.length)
  }
  const initialCluster = flag('initial-cluster')
  if (initialCluster === undefined) return undefined
  return {
    initialCluster,
    ...(flag('initial-cluster-state') === 'existing' ? { initialClusterState: 'existing' } : {}),
  }
}

function commandOf(manifest: string): string[] {
  try {
    const [container] = listAt(readYaml(manifest).value, 'spec', 'containers')
    return listAt(container, 'command').map(plainValue)
  } catch {
    // whatever lies there is no manifest and will be written anew
    return []
  }
}
