import { awayOption, withoutHosts } from './away.js'
import { type Command, ignoreOption, inventoryOption, outputOption, uploadsOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { nextSteps } from './next-steps.js'
import { limitOption, limitsOf } from './selection.js'
import { verifyOption, verifyThen } from './verify.js'

export const upCommand: Command = {
  name: 'up',
  about: 'Create or update the cluster to match the inventory, and verify it.',
  example: 'kubestrap up -i inventories/lab.yaml',
  options: {
    ...inventoryOption,
    ...limitOption,
    ...awayOption,
    ...outputOption,
    ...ignoreOption,
    ...uploadsOption,
    ...verifyOption,
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const limits = limitsOf(spec, values)
    return converge(spec, values, {
      ...limits,
      ...withoutHosts(spec, values, limits.chosen),
      afterwards: verifyThen(values),
      closing: () => {
        const same = sameInventory(values)
        return nextSteps([
          [`kubestrap kubeconfig${same} --merge`, 'merge the administrator into your kubeconfig'],
          [`kubestrap status${same}`, 'show nodes, leaders, etcd, certificates, drift'],
          [`kubestrap verify${same}`, 'verify the cluster again'],
        ])
      },
    })
  },
}
