import { UserError } from '../lib/errors.js'
import { awayOption, withoutHosts } from './away.js'
import { changeOptions } from './change-options.js'
import { type Command, list } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'
import { confirmInterruptions } from './plan/confirm.js'
import { concerns } from './selection.js'

export const joinCommand: Command = {
  name: 'join [hosts..]',
  about: 'Join worker nodes of the inventory to a running cluster; without names, all of them.',
  example: 'kubestrap join -i inventory.yaml w3 w4',
  options: { ...changeOptions, ...awayOption },
  positionals: { hosts: { type: 'string', array: true, describe: 'names of worker nodes' } },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const workers = spec.hosts
      .filter(({ roles }) => roles.includes('worker') && !roles.includes('control-plane'))
      .map((host) => host.name)
    const named = list(values, 'hosts').map((name) => name.toLowerCase())
    const stranger = named.find((name) => !workers.includes(name))
    if (stranger !== undefined)
      throw new UserError('usage', `${stranger} is not a worker node of ${spec.file}`, {
        next: `workers: ${workers.join(', ') || 'none'}`,
      })
    const chosen = new Set(named.length > 0 ? named : workers)
    return converge(spec, values, {
      confirm: confirmInterruptions(values),
      chosen,
      ...withoutHosts(spec, values, chosen),
      keep: (node, plan) => concerns(node, chosen, plan, false),
    })
  },
}
