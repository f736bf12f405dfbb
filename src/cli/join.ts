import type { Node } from '../engine/graph.js'
import type { Plan } from '../engine/plan.js'
import { clusterTarget } from '../engine/step.js'
import { UserError } from '../lib/errors.js'
import { nodeKey } from '../phases/nodes.js'
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
    return converge(spec, values, { keep: (node, plan) => concerns(node, joining, plan) })
  },
}

/**
 * A joining worker's own steps, its Node, and the routes between it and the nodes there are. A machine
 * that is neither joining nor a node yet is not touched, and nobody needs a route to it.
 */
function concerns({ step }: Node, joining: readonly string[], plan: Plan): boolean {
  const isNode = (name: string): boolean =>
    joining.includes(name) || plan.get(nodeKey(name))?.kind === 'converged'
  const [, kind, about] = /^(node|marks|route):(.+)$/.exec(step.id) ?? []
  if (kind === 'route' && about !== undefined)
    return (joining.includes(step.target) || joining.includes(about)) && isNode(step.target) && isNode(about)
  if (about !== undefined && step.target === clusterTarget) return joining.includes(about)
  return joining.includes(step.target)
}
