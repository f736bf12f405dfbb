import { type Context, controlPlanes, nodes } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import { balancerHosts, carries } from '../steps/balancer/balancer-settings.js'

/** A TCP connection the cluster will need, seen from the machine that opens it. */
export interface Way {
  from: Machine
  /** For people: a host's name, or what stands there. */
  to: string
  address: string
  port: number
  /** What is asked for there. */
  what: string
  /** Not ours to start: it must answer already. */
  mustListen: boolean
}

const kubelet = 10250
const etcdClient = 2379
const etcdPeer = 2380

/**
 * The connections between machines that Kubernetes needs (its "Ports and Protocols"), of which at least
 * one end is `wanted`. A machine's way to itself is left out.
 */
export function neededWays(context: Context, wanted: (machine: Machine) => boolean): Way[] {
  const { spec } = context
  const planes = controlPlanes(context)
  const members = context.etcdHosts?.order ?? planes
  const between = (from: readonly Machine[], to: readonly Machine[], port: number, what: string): Way[] =>
    from.flatMap((one) =>
      to
        .filter((other) => other !== one && (wanted(one) || wanted(other)))
        .map((other) => ({
          from: one,
          to: other.spec.name,
          address: other.spec.address,
          port,
          what,
          mustListen: false,
        })),
    )
  const { balancer, machines } = context
  const balancing = machines.filter((one) => balancer && !isNode(one) && carries(balancer, one.spec))
  const toApi = between([...nodes(context), ...balancing], planes, spec.apiServer.bindPort, 'API server')
  return [
    ...toApi,
    ...waysToEndpoint(context, wanted),
    ...between(planes, nodes(context), kubelet, 'kubelet'),
    ...(context.etcdHosts || !spec.etcd.external
      ? [etcdClient, etcdPeer].flatMap((port) => between(members, members, port, 'etcd'))
      : waysToForeignEtcd(context, wanted)),
    ...(context.etcdHosts ? between(planes, members, etcdClient, 'etcd') : []),
  ]
}

/** Ways of control planes to an etcd that is there. */
function waysToForeignEtcd(context: Context, wanted: (machine: Machine) => boolean): Way[] {
  return controlPlanes(context)
    .filter(wanted)
    .flatMap((from) =>
      (context.spec.etcd.external?.endpoints ?? []).map((url): Way => {
        const { hostname, port } = new URL(url)
        const address = hostname.replace(/^\[|\]$/g, '')
        return { from, to: hostname, address, port: Number(port) || 443, what: 'etcd', mustListen: true }
      }),
    )
}

/** Ways of nodes to what stands before the API servers, where that is another than those. */
function waysToEndpoint(context: Context, wanted: (machine: Machine) => boolean): Way[] {
  const { spec, balancer } = context
  const all = nodes(context)
  const from = all.filter(wanted)
  const way = { port: spec.endpoint.port, mustListen: false }
  const fresh = new Set(context.machines.filter(wanted).map((machine) => machine.spec.name))
  // a virtual IP of ours may be nobody's yet: its carriers are asked at their own addresses
  if (balancer?.runsOn === 'load-balancer')
    return all.flatMap((one) =>
      balancerHosts(context)
        .filter(({ name }) => name !== one.spec.name && (wanted(one) || fresh.has(name)))
        .map(({ name, address }) => ({ ...way, from: one, to: name, address, what: 'API load balancer' })),
    )
  if (balancer && balancer.runsOn !== 'nowhere') return []
  const { endpointAddress: address = spec.endpoint.host } = spec
  // the first control plane's own port is among the ways to API servers
  const own = controlPlanes(context).some((plane) => plane.spec.address === address)
  if (own && spec.endpoint.port === spec.apiServer.bindPort) return []
  return from
    .filter((one) => one.spec.address !== address)
    .map((one) => ({ ...way, from: one, to: spec.endpoint.host, address, what: 'API endpoint' }))
}
