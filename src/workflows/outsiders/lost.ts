import { peerUrlOf } from '../../cluster/etcd/access.js'
import type { ClusterSpec, HostSpec, Role } from '../../inventory/spec.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { UserError } from '../../lib/errors.js'

/** What the cluster has of its hosts: what it says when it was asked, never what could not be asked. */
export interface Has {
  nodes: readonly { name: string; address: string; controlPlane: boolean }[]
  /** Members of an etcd that is ours. */
  members: readonly EtcdMember[]
}

/**
 * A host that is lost and that the inventory does not have, by its address: what the cluster still has of it, a Node, an
 * etcd member or both. Pure.
 * Throws UserError('usage') where the cluster has nothing at that address.
 */
export function lostHost(spec: ClusterSpec, base: HostSpec, { nodes, members }: Has): HostSpec {
  const { address } = base
  const names = new Set(spec.hosts.map(({ name }) => name))
  // one that has the name of a host of the inventory is that host's, wherever it was before
  const node = nodes.find((one) => one.address === address && !names.has(one.name))
  const member = members.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(base)))
  if (!node && !member)
    throw new UserError('usage', `the cluster has neither a node nor an etcd member at ${address}`, {
      why: `it has ${[
        ...nodes.map((one) => `node ${one.name} (${one.address || 'no address'})`),
        ...members.map(
          ({ name, peerUrls }) => `etcd member ${name || '(not started)'} (${peerUrls.join(', ')})`,
        ),
      ].join(', ')}`,
      next: 'nothing was changed; name the address by which the cluster knows the host',
    })
  const external = spec.etcd.external !== undefined
  const roles: Role[] = [
    ...(node?.controlPlane || (member && !external) ? (['control-plane'] as const) : []),
    ...(node && !node.controlPlane && (!member || external) ? (['worker'] as const) : []),
    ...(member && external ? (['etcd'] as const) : []),
  ]
  return { ...base, name: node?.name ?? base.name, roles }
}
