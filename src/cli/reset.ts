import { UserError } from '../lib/errors.js'
import type { Command } from './command.js'
import { inventoryOf } from './inventory.js'
import { leavingOptions, removeHosts } from './leaving.js'
import { namedHosts } from './named-hosts.js'

export const resetCommand: Command = {
  name: 'reset [hosts..]',
  about:
    'Remove from hosts exactly what kubestrap installed; without names, from all hosts. Nodes of a cluster that stays are drained first.',
  example: 'kubestrap reset -i inventory.yaml w2',
  options: {
    ...leavingOptions,
    gone: {
      type: 'boolean',
      default: false,
      describe: 'the named hosts are lost: only remove their etcd members and Nodes from the cluster',
    },
  },
  positionals: { hosts: { type: 'string', array: true, describe: 'names of hosts' } },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const all = spec.hosts.map(({ name }) => name)
    const named = namedHosts(spec, values)
    const gone = values.gone === true
    if (gone && named.length === 0)
      throw new UserError('usage', '--gone requires the names of the lost hosts', {
        next: `hosts: ${all.join(', ')}`,
      })
    return removeHosts(spec, values, { command: 'reset', hosts: named.length > 0 ? named : all, gone })
  },
}
