import { type Command, ignoreOption, inventoryOption, outputOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { nextSteps } from './next-steps.js'
import { keepLimited, limitOption } from './selection.js'
import { verifyOption, verifyThen } from './verify.js'

export const upCommand: Command = {
  name: 'up',
  about: 'Bring the whole cluster to what the inventory says, and verify it.',
  example: 'kubestrap up -i inventories/lab.yaml',
  options: { ...inventoryOption, ...limitOption, ...outputOption, ...ignoreOption, ...verifyOption },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const keep = keepLimited(spec, values)
    return converge(spec, values, {
      ...(keep ? { keep } : {}),
      afterwards: verifyThen(values),
      closing: () => {
        const same = sameInventory(values)
        return nextSteps([
          [`kubestrap kubeconfig${same} --merge`, 'the administrator, in your own kubeconfig'],
          [`kubestrap status${same}`, 'nodes, leaders, etcd, certificates, drift'],
          [`kubestrap verify${same}`, 'verify again'],
        ])
      },
    })
  },
}
