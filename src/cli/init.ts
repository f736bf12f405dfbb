import type { Node } from '../engine/graph.js'
import { clusterTarget } from '../engine/step.js'
import { awayOption, withoutHosts } from './away.js'
import { changeOptions } from './change-options.js'
import type { Command } from './command.js'
import { converge } from './converge.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { nextSteps } from './next-steps.js'
import { confirmInterruptions } from './plan/confirm.js'

export const initCommand: Command = {
  name: 'init',
  about: 'Create the control plane only; worker nodes join later.',
  example: 'kubestrap init -i inventory.yaml',
  options: { ...changeOptions, ...awayOption },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const workers = spec.hosts
      // a worker that balances comes with the control planes: nobody reaches the API without it
      .filter(
        ({ roles }) =>
          roles.includes('worker') && !roles.includes('control-plane') && !roles.includes('load-balancer'),
      )
      .map((host) => host.name)
    const chosen = new Set(spec.hosts.map(({ name }) => name).filter((name) => !workers.includes(name)))
    return converge(spec, values, {
      confirm: confirmInterruptions(values),
      // workers are asked, if they answer, whether they belong to a cluster already; nothing is done to them
      ...withoutHosts(spec, values, chosen),
      chosen,
      keep: (node) => !concerns(node, workers),
      closing: () => {
        const same = sameInventory(values)
        return nextSteps([
          ...(workers.length > 0
            ? [
                [
                  `kubestrap join${same} ${workers.join(' ')}`,
                  'join the worker nodes (without names: all)',
                ] as const,
              ]
            : []),
          [`kubestrap verify${same}`, 'verify that the cluster works'],
        ])
      },
    })
  },
}

/** A step on a worker, or about one: its Node, its marks. */
function concerns({ step }: Node, workers: readonly string[]): boolean {
  if (step.target !== clusterTarget && workers.includes(step.target)) return true
  return step.node !== undefined && workers.includes(step.node)
}
