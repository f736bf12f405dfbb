import { isNode } from '../cluster/machine.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { canonicalAddress, parseAddress } from '../lib/cidr.js'
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

/**
 * The same, where an address may stand for a host: that of the inventory which has it, or one that the inventory no longer
 * has. Throws UserError('usage') for any other word.
 */
export function namedOrOutside(
  spec: ClusterSpec,
  values: Record<string, unknown>,
): { named: string[]; addresses: string[] } {
  const words = list(values, 'hosts').map((word) => (parseAddress(word) ? canonicalAddress(word) : word))
  const isOutside = (word: string): boolean =>
    parseAddress(word) !== undefined &&
    !spec.hosts.some(({ name, address }) => [name, address].includes(word))
  const names = words
    .filter((word) => !isOutside(word))
    .map((word) => spec.hosts.find(({ address }) => address === word)?.name ?? word)
  return { named: namedHosts(spec, { hosts: names }), addresses: [...new Set(words.filter(isOutside))] }
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
