import { quorumOf, toleranceOf } from '../../kubernetes/etcd/quorum.js'
import { type Context, controlPlanes } from '../context.js'
import { isEtcdHost } from '../machine.js'
import type { Check, Problem } from './check.js'

/** What the number of control planes and etcd members gives, and what it does not. */
export const planeChecks: readonly Check[] = [
  {
    name: 'EtcdMembers',
    about: 'An odd number of etcd members: an even one survives no more losses than one fewer.',
    run: evenMembers,
  },
  {
    name: 'EtcdSplit',
    about: 'No etcd member runs a cluster of its own beside the one it was of.',
    run: estranged,
  },
  {
    name: 'EndpointRedundancy',
    about: 'The API endpoint of several control planes is more than one of them.',
    run: loneEndpoint,
  },
]

function evenMembers(context: Context): Problem[] {
  const { etcdHosts, spec } = context
  if (spec.etcd.external && !etcdHosts) return []
  const machines = etcdHosts ? context.machines.filter(isEtcdHost) : controlPlanes(context)
  const { length: n } = machines
  const last = machines.at(-1)
  if (n % 2 === 1 || !last) return []
  const loses = (members: number): string => `${members}→${toleranceOf(members)}`
  return [
    {
      host: last.spec.name,
      severity: 'warning',
      what: `${n} ${etcdHosts ? 'hosts of etcd' : 'control planes'} are ${n} etcd members: a write needs ${quorumOf(n)} of them, so ${toleranceOf(n)} may be lost, as of ${n - 1} (${[n - 1, n, n + 1].map(loses).join(', ')})`,
      next: `take ${n - 1} or ${n + 1}`,
    },
  ]
}

/** What is written through its API server is seen by nobody else, and goes when it comes back. */
function estranged({ planes }: Context): Problem[] {
  return [...planes.estranged].map((name) => ({
    host: name,
    severity: 'error',
    what: `its etcd is a cluster of its own beside that of ${planes.leader?.spec.name}: it lost its data, or was taken out, and began anew`,
    next: `kubestrap reset ${name}, which takes its member out; then up, which adds it anew`,
  }))
}

/** Without a balancer the endpoint is one control plane's address, or a name that stands for it. */
function loneEndpoint(context: Context): Problem[] {
  const { spec } = context
  const planes = controlPlanes(context)
  const { endpointAddress: address = spec.endpoint.host } = spec
  const owner = planes.find((plane) => plane.spec.address === address)
  if (planes.length < 2 || spec.loadBalancer || !owner) return []
  return [
    {
      host: owner.spec.name,
      severity: 'warning',
      what: `${spec.endpoint.host}:${spec.endpoint.port} is this control plane alone: without it nobody reaches the API, whatever runs elsewhere`,
      next: 'write a loadBalancer (haproxy, node-local, kube-vip, or external for your own)',
    },
  ]
}
