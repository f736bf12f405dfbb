import { type Command, ignoreOption, inventoryOption, outputOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'
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
      closing: ({ file }) =>
        `\nNext:\n  kubestrap kubeconfig -i ${file} > kubeconfig    the administrator's kubeconfig\n  kubestrap verify -i ${file}                     verify again\n`,
    })
  },
}
