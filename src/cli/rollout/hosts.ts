import type { Options } from 'yargs'
import { isNode } from '../../cluster/machine.js'
import { selectHosts } from '../../inventory/select.js'
import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { list } from '../command.js'

/** Which hosts a rollout is about. */
export const hostsOptions = {
  all: { type: 'boolean', default: false, describe: 'every host that does not have state: down' },
  role: {
    type: 'string',
    array: true,
    default: [],
    describe: 'every host with this role: worker, control-plane, etcd, load-balancer (repeatable)',
    requiresArg: true,
  },
} satisfies Record<string, Options>

export const hostsPositional = {
  hosts: {
    type: 'string',
    array: true,
    default: [],
    describe: 'names of hosts; globs (w*), groups and roles select hosts too',
  } as const,
}

/**
 * Names of the hosts that the command line selects, in the inventory's order.
 * @param nodesOnly hosts that run no kubelet are left out of --all and --role, and refused by name
 * Throws UserError('usage') for no host, for --all with others, for a host that the inventory declares down, and where hosts
 * reboot (not nodesOnly) for the computer that kubestrap runs on.
 */
export function chosenHosts(spec: ClusterSpec, values: Record<string, unknown>, nodesOnly = false): string[] {
  const [named, roles] = [list(values, 'hosts'), list(values, 'role')]
  const isAll = values.all === true
  if (isAll === named.length + roles.length > 0)
    throw new UserError('usage', isAll ? '--all is every host already' : 'no host is named', {
      next: 'name hosts, or use --role ROLE, or --all',
    })
  const isUsable = (host: HostSpec): boolean => !nodesOnly || isNode({ spec: host })
  const byName = named.length > 0 ? selectHosts(spec, named) : []
  const other = byName.find((host) => !isUsable(host) && named.includes(host.name))
  if (other)
    throw new UserError('usage', `${other.name} is not a node: nothing of it is restarted`, {
      next: `kubestrap rollout reboot reboots any host; nodes: ${spec.hosts
        .filter((host) => isNode({ spec: host }))
        .map(({ name }) => name)
        .join(', ')}`,
    })
  const down = byName.find(({ state }) => state === 'down')
  if (down)
    throw new UserError('usage', `${down.name} has state: down in the inventory`, {
      why: down.at,
      next: 'remove state: down when it is back, or leave it out',
    })
  const byRole = roles.length > 0 ? selectHosts(spec, roles) : []
  const chosen = isAll ? spec.hosts : [...byName, ...byRole]
  // a run cannot outlive its own computer
  const own = nodesOnly ? undefined : chosen.find(({ connection }) => connection === 'local')
  if (own)
    throw new UserError('usage', `${own.name} is the computer that kubestrap runs on: it is not rebooted`, {
      why: own.at,
      next: `name the other hosts; then drain ${own.name} (kubestrap drain), reboot it by hand, and run kubestrap uncordon ${own.name}`,
    })
  const names = spec.hosts
    .filter((host) => chosen.includes(host) && isUsable(host) && host.state !== 'down')
    .map(({ name }) => name)
  if (names.length === 0)
    throw new UserError('usage', 'none of these hosts is a node that is up', {
      next: `hosts: ${spec.hosts.map(({ name }) => name).join(', ')}`,
    })
  return names
}
