import { openHost } from '../host/open-host.js'
import { UserError } from '../lib/errors.js'
import { adminConf } from '../phases/kube-access.js'
import { type Command, inventoryOption } from './command.js'
import { inventoryOf } from './inventory.js'

export const kubeconfigCommand: Command = {
  name: 'kubeconfig',
  about: "Print the administrator's kubeconfig.",
  example: 'kubestrap kubeconfig -i inventory.yaml > kubeconfig',
  options: inventoryOption,
  run: async (values) => {
    const spec = await inventoryOf(values)
    for (const own of spec.hosts.filter((host) => host.roles.includes('control-plane'))) {
      const host = openHost(own)
      try {
        const state = await host.stat(adminConf, { content: true })
        if (state.kind !== 'file' || !state.content) continue
        // the one place that prints a key: it is what was asked for
        process.stdout.write(state.content)
        return 0
      } finally {
        await host.close()
      }
    }
    throw new UserError('step', `no control plane has ${adminConf}`, { next: 'kubestrap up first' })
  },
}
