import type { Node } from '../engine/graph.js'
import { clusterTarget } from '../engine/step.js'
import { UserError } from '../lib/errors.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'

export const joinCommand: Command = {
  name: 'join [hosts..]',
  about: 'Join workers of the inventory to a running cluster; without names, all of them.',
  example: 'kubestrap join -i inventory.yaml w3 w4',
  options: { ...inventoryOption, ...outputOption, ...ignoreOption },
  positionals: { hosts: { type: 'string', array: true, describe: 'names of workers' } },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const workers = spec.hosts
      .filter((host) => !host.roles.includes('control-plane'))
      .map((host) => host.name)
    const named = list(values, 'hosts').map((name) => name.toLowerCase())
    const stranger = named.find((name) => !workers.includes(name))
    if (stranger !== undefined)
      throw new UserError('usage', `${stranger} is not a worker of ${spec.file}`, {
        next: `workers: ${workers.join(', ') || 'none'}`,
      })
    const joining = named.length > 0 ? named : workers
    return converge(spec, values, { keep: (node) => concerns(node, joining) })
  },
}

/** A joining worker's own steps, its Node, and what its peers need to reach its pods. */
function concerns({ step }: Node, joining: readonly string[]): boolean {
  if (joining.includes(step.target)) return true
  const about = /^(node|marks|route):(.+)$/.exec(step.id)?.[2]
  return (
    about !== undefined &&
    joining.includes(about) &&
    (step.target === clusterTarget || step.id.startsWith('route:'))
  )
}
