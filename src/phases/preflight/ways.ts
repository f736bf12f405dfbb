import { type Context, controlPlanes, nodes } from '../context.js'
import type { Machine } from '../machine.js'

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
  const toApi = between(nodes(context), planes, spec.apiServer.bindPort, 'API server')
  // a balancer, or another port: the first control plane's own is among those above
  const own = planes.some(({ spec: { address } }) => address === spec.endpointAddress)
  const toEndpoint =
    own && spec.endpoint.port === spec.apiServer.bindPort
      ? []
      : nodes(context)
          .filter((from) => wanted(from) && from.spec.address !== spec.endpointAddress)
          .map((from) => ({
            from,
            to: spec.endpoint.host,
            address: spec.endpointAddress,
            port: spec.endpoint.port,
            what: 'API endpoint',
            mustListen: false,
          }))
  const toEtcd = spec.etcd.external
    ? planes.filter(wanted).flatMap((from) =>
        (spec.etcd.external?.endpoints ?? []).flatMap((url): Way[] => {
          const { hostname, port } = new URL(url)
          const address = hostname.replace(/^\[|\]$/g, '')
          return [
            { from, to: hostname, address, port: Number(port) || etcdClient, what: 'etcd', mustListen: true },
          ]
        }),
      )
    : [etcdClient, etcdPeer].flatMap((port) => between(planes, planes, port, 'etcd'))
  return [...toApi, ...toEndpoint, ...between(planes, nodes(context), kubelet, 'kubelet'), ...toEtcd]
}
