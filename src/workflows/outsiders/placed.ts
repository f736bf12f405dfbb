import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import { manifestFiles } from '../../cluster/static-pod-files.js'
import type { ClusterSpec, HostSpec, Role } from '../../inventory/spec.js'
import { etcdUnit } from '../../kubernetes/etcd/unit.js'
import { UserError } from '../../lib/errors.js'
import type { Authorities, OutsiderSeen } from '../../steps/reset/outsider.js'
import { ownUnits } from '../../steps/reset/stopped-step.js'

/** What the cluster tells, as far as it could be asked. */
export interface ClusterSeen {
  authorities: Authorities
  /** Undefined: the API could not be asked. */
  nodes: readonly { name: string; address: string }[] | undefined
}

/**
 * A host that the inventory does not have, as one of its: with the roles that its ledger tells, and the name of the Node
 * that it still is. Pure.
 * @param base as it is reached
 * @param anyCluster also one that belongs to another cluster, or may
 * Throws UserError: 'usage' for a host that the inventory has, 'preflight' for one of another cluster.
 */
export function placed(
  spec: ClusterSpec,
  base: HostSpec,
  seen: OutsiderSeen,
  cluster: ClusterSeen,
  anyCluster: boolean,
): HostSpec {
  const addresses = [base.address, ...seen.addresses]
  const known = spec.hosts.find(({ address }) => addresses.includes(address))
  if (known)
    throw new UserError('usage', `${base.address} is ${known.name} of the inventory`, {
      why: `it has the address ${known.address} (${known.at})`,
      next: `kubestrap reset ${known.name}`,
    })
  const doubt = doubtOf(spec, seen, cluster)
  if (doubt && !anyCluster)
    throw new UserError('preflight', `the host ${doubt.what}`, {
      host: base.name,
      why: doubt.why,
      next: `nothing was changed; ${doubt.next}; to reset it whatever cluster it belongs to: --other-cluster`,
    })
  const names = new Set(spec.hosts.map(({ name }) => name))
  const node = doubt
    ? undefined
    : cluster.nodes?.find(({ name, address }) => addresses.includes(address) && !names.has(name))
  refuseForeignNode(base, seen, node?.name)
  const roles = rolesOf(seen)
  if (!node) return { ...base, roles }
  // a Node that an earlier reset could not delete
  return { ...base, name: node.name, address: node.address, roles: roles.length > 0 ? roles : ['worker'] }
}

/** kubestrap removes what its ledger has: a kubelet that somebody else installed would make its Node again. */
function refuseForeignNode(
  base: HostSpec,
  { ledger, authorities }: OutsiderSeen,
  node: string | undefined,
): void {
  if (authorities.kubernetes.length === 0 || ledger.some(({ kind }) => kind === 'file')) return
  throw new UserError('preflight', 'the host has Kubernetes, which kubestrap did not install', {
    host: base.name,
    why: 'no ledger of kubestrap names a file there, and it removes nothing else',
    next: `nothing was changed; run kubeadm reset on the host${node === undefined ? '' : `, and kubectl delete node ${node}`}`,
  })
}

/** Of a host that has nothing of kubestrap's: none. */
function rolesOf({ ledger }: OutsiderSeen): Role[] {
  const units = ownUnits(ledger)
  const isPlane = ledger.some(({ kind, subject }) => kind === 'file' && subject === manifestFiles.apiServer)
  return [
    ...(isPlane ? (['control-plane'] as const) : units.includes(kubeletUnit) ? (['worker'] as const) : []),
    ...(units.includes(etcdUnit) ? (['etcd'] as const) : []),
  ]
}

/** Why it may not belong to this cluster; a host with nothing of any cluster is in no doubt. */
function doubtOf(
  spec: ClusterSpec,
  { authorities, backends }: OutsiderSeen,
  cluster: ClusterSeen,
): { what: string; why: string; next: string } | undefined {
  for (const [which, called] of [
    ['kubernetes', 'certificate authority'],
    ['etcd', 'etcd certificate authority'],
  ] as const) {
    const [own] = authorities[which]
    const [ours] = cluster.authorities[which]
    if (own === undefined) continue
    if (ours === undefined)
      return {
        what: 'may belong to another cluster',
        why: `the ${called} of this cluster could not be read, and that of the host is ${own}`,
        next: 'make a host reachable that has it (kubestrap status)',
      }
    if (!authorities[which].some((one) => cluster.authorities[which].includes(one)))
      return {
        what: 'belongs to another cluster',
        why: `its ${called} is ${own}, that of this cluster ${ours} (SHA-256)`,
        next: 'reset it with the inventory of its own cluster',
      }
  }
  const planes = spec.hosts.filter(({ roles }) => roles.includes('control-plane'))
  if (backends.length === 0 || planes.some(({ address }) => backends.includes(address))) return undefined
  return {
    what: 'is a load balancer of another cluster',
    why: `its haproxy knows the API servers at ${backends.join(', ')}, none of which the inventory has`,
    next: 'reset it with the inventory of its own cluster',
  }
}
