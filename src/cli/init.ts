import type { ClusterSpec } from '../inventory/spec.js'
import { type Command, ignoreOption, inventoryOption, outputOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'

export const initCommand: Command = {
  name: 'init',
  about: 'Bring up the control plane only; workers join later.',
  example: 'kubestrap init -i inventory.yaml',
  options: { ...inventoryOption, ...outputOption, ...ignoreOption },
  run: async (values) => {
    const whole = await inventoryOf(values)
    const spec = withHosts(whole, (host) => host.roles.includes('control-plane'))
    const workers = whole.hosts
      .filter((host) => !host.roles.includes('control-plane'))
      .map((host) => host.name)
    return converge(spec, values, {
      closing: ({ file }) =>
        workers.length === 0
          ? `\nNext:\n  kubestrap verify -i ${file}\n`
          : `\nNext:\n  kubestrap join -i ${file} ${workers.join(' ')}    join the workers (without names: all)\n  kubestrap verify -i ${file}\n`,
    })
  },
}

/** The spec with only some of its hosts. */
export function withHosts(
  spec: ClusterSpec,
  keep: (host: ClusterSpec['hosts'][number]) => boolean,
): ClusterSpec {
  return { ...spec, hosts: spec.hosts.filter(keep) }
}
