import { UserError } from '../lib/errors.js'
import { withLost, withOutsiders } from '../workflows/outsiders/outsiders.js'
import type { Command } from './command.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { leavingOptions, removeHosts } from './leaving.js'
import { namedOrOutside } from './named-hosts.js'

export const resetCommand: Command = {
  name: 'reset [hosts..]',
  about:
    'Remove from hosts exactly what kubestrap installed; without names, from all hosts. Nodes of a cluster that stays are drained first. An address that the inventory does not have means a host that was removed from it.',
  example: 'kubestrap reset -i inventory.yaml w2',
  options: {
    ...leavingOptions,
    gone: {
      type: 'boolean',
      default: false,
      describe:
        'the named hosts are lost: only remove their etcd members and Nodes from the cluster; also by the addresses of hosts that the inventory no longer has',
    },
    'other-cluster': {
      type: 'boolean',
      default: false,
      describe: 'also an address that belongs to another cluster than that of the inventory, or may',
    },
  },
  positionals: {
    hosts: {
      type: 'string',
      array: true,
      describe: 'names of hosts, or addresses of hosts that the inventory no longer has',
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const all = spec.hosts.map(({ name }) => name)
    const { named, addresses } = namedOrOutside(spec, values)
    const gone = values.gone === true
    if (addresses.length > 0) {
      const outside = gone
        ? await withLost(spec, addresses)
        : await withOutsiders(spec, addresses, values['other-cluster'] === true)
      return removeHosts(outside.spec, values, {
        command: 'reset',
        hosts: [...named, ...outside.names],
        gone,
        closing: () => [
          `Then: kubestrap up${sameInventory(values)}, for what other hosts have of ${outside.names.join(', ')}: load balancers, routes, etcd endpoints, /etc/hosts.`,
        ],
      })
    }
    if (gone && named.length === 0)
      throw new UserError('usage', '--gone requires the names or addresses of the lost hosts', {
        next: `hosts: ${all.join(', ')}`,
      })
    return removeHosts(spec, values, { command: 'reset', hosts: named.length > 0 ? named : all, gone })
  },
}
