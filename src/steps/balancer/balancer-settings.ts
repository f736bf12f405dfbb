import type { Balancer, BalancerMachine, BalancerSettings } from '../../balancers/balancer.js'
import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { HostSpec } from '../../inventory/spec.js'
import { oncePer } from '../../lib/once-per.js'

/** What the cluster's balancer is told. */
export const balancerSettings = oncePer(
  ({ spec }: Pick<Context, 'spec'>): BalancerSettings => ({
    port: spec.endpoint.port,
    backends: spec.hosts
      .filter(({ roles }) => roles.includes('control-plane'))
      .map(({ name, address }) => ({ name, address, port: spec.apiServer.bindPort })),
    virtualIp: spec.loadBalancer?.virtualIp,
    routerId: spec.loadBalancer?.routerId ?? 1,
    image: spec.loadBalancer?.image,
    anonymous: spec.apiServer.extraArgs['anonymous-auth'] !== 'false',
  }),
)

/** Whether a host is one of those a balancer runs on. */
export function carries({ runsOn }: Balancer, { roles }: HostSpec): boolean {
  if (runsOn === 'nowhere') return false
  if (runsOn === 'node') return roles.includes('control-plane') || roles.includes('worker')
  return roles.includes(runsOn)
}

/** Whether others than a host itself ask its balancer: it is missed while the host is away. One on each node serves that node. */
export const servesOthers = (
  { balancer }: Pick<Context, 'balancer'>,
  { spec }: Pick<Machine, 'spec'>,
): boolean => balancer !== undefined && balancer.runsOn !== 'node' && carries(balancer, spec)

/** Static pods of its balancer on a machine that read admin.conf when they start. */
export function adminReaders({ balancer }: Context, { spec }: Machine): readonly string[] {
  return balancer && carries(balancer, spec) ? (balancer.adminReaders ?? []) : []
}

/** Hosts of the inventory that the balancer runs on. */
export const balancerHosts = oncePer(({ balancer, spec }: Context): HostSpec[] =>
  balancer ? spec.hosts.filter((host) => carries(balancer, host)) : [],
)

/** A machine as its balancer sees it. */
export function balancerMachine(
  { spec }: Context,
  { host, facts, spec: own, release }: Machine,
): BalancerMachine {
  const holding = facts.interfaces.find(({ addresses }) => addresses.includes(own.address))
  return {
    host,
    name: own.name,
    address: own.address,
    interface: spec.loadBalancer?.interface ?? holding?.name ?? facts.defaultInterface,
    controlPlane: own.roles.includes('control-plane'),
    superAdmin: release.wanted.kubeconfig.superAdmin,
  }
}

/** What a machine's balancer needs of the distribution; nothing for one that carries none. */
export function balancerPackages(
  context: Pick<Context, 'spec' | 'balancer'>,
  { spec, os }: Machine,
): readonly string[] {
  const { balancer } = context
  return balancer && carries(balancer, spec) ? balancer.packages(os, balancerSettings(context)) : []
}

/**
 * What must be there before a machine asks at the endpoint: its own balancer, where each node has one, so that no
 * node waits for another; else all of them.
 */
export function balancerNeeds({ balancer }: Context, { host }: Machine): string[] {
  return [balancer?.runsOn === 'node' ? `${host.name}/@balancer` : '*/@balancer']
}
