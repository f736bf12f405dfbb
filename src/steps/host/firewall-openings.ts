import { type Context, isNew, networkSettings } from '../../cluster/context.js'
import { isControlPlane, isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import type { Openings } from '../../resources/firewalld.js'
import { balancerSettings, carries } from '../balancer/balancer-settings.js'

/** Ports of a kubelet, and of kube-proxy for load balancers that ask whether a Service has Pods on the node. */
const nodePorts = ['10250/tcp', '10256/tcp']
const etcdPorts = '2379-2380/tcp'

/**
 * What others must reach on a machine by its roles (kubernetes.io, "Ports and Protocols"), and what its network and
 * load balancer need. Pods are reached, and reach their node, by a zone that trusts the Pod subnet: their addresses
 * come over interfaces of no zone.
 */
export function openingsOf(context: Context, machine: Machine): Openings {
  const { spec, network, balancer } = context
  const node = isNode(machine)
  const services = spec.apiServer.extraArgs['service-node-port-range'] ?? '30000-32767'
  const own = balancer && carries(balancer, machine.spec) ? balancer.traffic?.(balancerSettings(context)) : []
  const traffic = [
    ...(isControlPlane(machine) ? [`${spec.apiServer.bindPort}/tcp`] : []),
    ...(isEtcdHost(machine) || (isControlPlane(machine) && !spec.etcd.external) ? [etcdPorts] : []),
    ...(node
      ? [
          ...nodePorts,
          `${services}/tcp`,
          `${services}/udp`,
          ...(network.traffic?.(networkSettings(context)) ?? []),
        ]
      : []),
    ...(own ?? []),
  ]
  return {
    ports: [...new Set(traffic.filter((one) => one.includes('/')))],
    protocols: [...new Set(traffic.filter((one) => !one.includes('/')))],
    trusted: node ? [spec.networking.podSubnet] : [],
  }
}

/**
 * Whether ports are opened on a machine: with firewalld active, and where the inventory says so or the machine is new;
 * a cluster that lives has what it needs, and nothing is opened there unasked.
 */
export function opensFirewall(context: Context, machine: Machine): boolean {
  const { firewalls } = machine.facts
  if (firewalls === 'unknown' || !firewalls.includes('firewalld')) return false
  const { firewall } = machine.spec
  return firewall === undefined ? isNew(context, machine) : firewall === 'open'
}

/** Openings in words. */
export function shownOpenings({ ports, protocols, trusted }: Openings): string {
  return [...ports, ...protocols, ...trusted.map((subnet) => `all traffic from ${subnet}`)].join(', ')
}
