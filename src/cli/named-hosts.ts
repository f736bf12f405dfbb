import { isNode } from '../cluster/machine.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { list } from './command.js'

/** The hosts named on the command line, each once, in its order. Throws UserError('usage') for one the inventory does not have. */
export function namedHosts(spec: ClusterSpec, values: Record<string, unknown>): string[] {
  const all = spec.hosts.map(({ name }) => name)
  const named = [...new Set(list(values, 'hosts').map((name) => name.toLowerCase()))]
  const stranger = named.find((name) => !all.includes(name))
  if (stranger !== undefined)
    throw new UserError('usage', `${stranger} is not a host of ${spec.file}`, {
      next: `hosts: ${all.join(', ')}`,
    })
  return named
}

/** The same of nodes. Throws UserError('usage') also for a host that runs no kubelet. */
export function namedNodes(spec: ClusterSpec, values: Record<string, unknown>): string[] {
  const named = namedHosts(spec, values)
  const nodes = spec.hosts.filter((host) => isNode({ spec: host }))
  const other = named.find((name) => !nodes.some((node) => node.name === name))
  if (other !== undefined)
    throw new UserError(
      'usage',
      `${other} is not a node: it has neither of the roles control-plane and worker`,
      {
        next: `nodes: ${nodes.map(({ name }) => name).join(', ')}`,
      },
    )
  return named
}
