import type { Context } from '../cluster/context.js'
import { hostsWithRole } from '../inventory/select.js'
import { quorumOf, toleranceOf } from '../kubernetes/etcd/quorum.js'
import type { Check, Problem } from './check.js'

/** What the number of control planes and etcd members gives, and what it does not. */
export const planeChecks: readonly Check[] = [
  {
    name: 'EtcdMembers',
    about:
      'The number of etcd members is odd: an even number tolerates no more failures than one member fewer.',
    run: evenMembers,
  },
  {
    name: 'EtcdSplit',
    about: 'No etcd member has left its cluster and runs another one.',
    run: estranged,
  },
  {
    name: 'EndpointRedundancy',
    about: 'The API endpoint of several control plane nodes is not a single one of them.',
    run: loneEndpoint,
  },
]

function evenMembers(context: Context): Problem[] {
  const { etcdHosts, spec } = context
  if (spec.etcd.external && !etcdHosts) return []
  const hosts = hostsWithRole(spec, etcdHosts ? 'etcd' : 'control-plane')
  const { length: n } = hosts
  const last = hosts.at(-1)
  if (n % 2 === 1 || !last) return []
  const loses = (members: number): string => `${members}→${toleranceOf(members)}`
  return [
    {
      host: last.name,
      severity: 'warning',
      what: `${n} ${etcdHosts ? 'etcd hosts' : 'control plane nodes'} are ${n} etcd members: a write needs ${quorumOf(n)} of them, so ${toleranceOf(n)} may fail, as with ${n - 1} (${[n - 1, n, n + 1].map(loses).join(', ')})`,
      next: `use ${n - 1} or ${n + 1}`,
    },
  ]
}

/** What is written through its API server is seen by nobody else, and goes when it comes back. */
function estranged({ planes }: Context): Problem[] {
  return [...planes.estranged].map((name) => ({
    host: name,
    severity: 'error',
    what: `its etcd member runs another cluster than that of ${planes.leader?.spec.name}: it lost its data, or was removed, and started a new cluster`,
    next: `run kubestrap reset ${name}, which removes the member; then kubestrap up, which adds it again`,
  }))
}

/** Without a balancer the endpoint is one control plane's address, or a name that stands for it. */
function loneEndpoint(context: Context): Problem[] {
  const { spec } = context
  const planes = hostsWithRole(spec, 'control-plane')
  const { endpointAddress: address = spec.endpoint.host } = spec
  const owner = planes.find((plane) => plane.address === address)
  if (planes.length < 2 || spec.loadBalancer || !owner) return []
  return [
    {
      host: owner.name,
      severity: 'warning',
      what: `${spec.endpoint.host}:${spec.endpoint.port} is this control plane node alone: if it fails, the API is unreachable`,
      next: 'set loadBalancer (type haproxy, node-local, kube-vip, or external for your own)',
    },
  ]
}
