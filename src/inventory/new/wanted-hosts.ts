import { UserError } from '../../lib/errors.js'
import type { Role } from '../spec.js'
import { type HostArgument, parseHosts } from './host-argument.js'

/** A host of the inventory that is to be written. */
export interface WantedHost extends HostArgument {
  roles: readonly Role[]
  /** Where it was named: "--control-plane 10.0.0.11". */
  at: string
}

/** Hosts by role, as they were written. */
export type GivenHosts = Readonly<Record<Role, readonly string[]>>

/** Roles in the order an inventory lists them. */
export const rolesInOrder: readonly Role[] = ['load-balancer', 'etcd', 'control-plane', 'worker']

/**
 * The hosts of all flags, each once with all of its roles. Without a worker the control plane nodes run workloads, too.
 * Throws UserError('usage') for hosts that do not go together.
 */
export function wantedHosts(given: GivenHosts): WantedHost[] {
  const found = new Map<string, WantedHost>()
  const names = new Map<string, string>()
  for (const role of rolesInOrder)
    for (const { name, target } of parseHosts(`--${role}`, given[role])) {
      const earlier = found.get(target)
      if (name !== undefined && earlier?.name !== undefined && earlier.name !== name)
        throw new UserError('usage', `${target} has two names: ${earlier.name} and ${name}`, {
          next: 'use one name for each host',
        })
      const own = name ?? earlier?.name
      const owner = own === undefined ? undefined : names.get(own)
      if (owner !== undefined && owner !== target)
        throw new UserError('usage', `${own} is the name of two hosts: ${owner} and ${target}`, {
          next: 'use a different name for each host',
        })
      if (own !== undefined) names.set(own, target)
      const roles = [...new Set([...(earlier?.roles ?? []), role])]
      found.set(target, { name: own, target, roles, at: earlier?.at ?? `--${role} ${target}` })
    }
  const hosts = [...found.values()]
  refuseUnfit(hosts)
  if (hosts.some(({ roles }) => roles.includes('worker'))) return hosts
  return hosts.map((host) =>
    host.roles.includes('control-plane') ? { ...host, roles: [...host.roles, 'worker'] } : host,
  )
}

function refuseUnfit(hosts: readonly WantedHost[]): void {
  if (!hosts.some(({ roles }) => roles.includes('control-plane')))
    throw new UserError('usage', 'a cluster requires a control plane node', {
      next: 'add --control-plane ADDRESS',
    })
  const both = hosts.find(
    ({ roles }) => roles.includes('etcd') && (roles.includes('control-plane') || roles.includes('worker')),
  )
  if (both)
    throw new UserError('usage', `${both.target} is an etcd host and a node`, {
      next: 'use separate hosts for --etcd; without --etcd every control plane node runs a member',
    })
}
