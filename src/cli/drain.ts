import { drain, uncordon } from '../workflows/drain.js'
import { type Command, inventoryOption, outputOption } from './command.js'
import { converge } from './converge.js'
import { drainOf, drainOptions } from './drain-options.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { namedNodes } from './named-hosts.js'
import { otherRunsOption } from './other-runs.js'
import { anyControlPlane } from './with-session.js'

const nodes = (what: string) => ({
  hosts: {
    type: 'string',
    array: true,
    demandOption: true,
    describe: `names of the nodes to ${what}`,
  } as const,
})

/** The machines themselves need not be reached: the API of any control plane does it. */
const throughTheApi = { preflight: false, ...anyControlPlane }

export const drainCommand: Command = {
  name: 'drain <hosts..>',
  about: 'Cordon nodes and evict their Pods, one node after the other, as PodDisruptionBudgets allow.',
  example: 'kubestrap drain -i inventory.yaml w1',
  options: { ...inventoryOption, ...drainOptions, ...outputOption, ...otherRunsOption },
  positionals: nodes('drain'),
  run: async (values) => {
    const spec = await inventoryOf(values)
    const names = namedNodes(spec, values)
    return converge(spec, values, {
      ...throughTheApi,
      workflow: drain(names, drainOf(spec, values)),
      closing: () =>
        `Drained; new Pods go to other nodes until kubestrap uncordon${sameInventory(values)} ${names.join(' ')}.\n`,
    })
  },
}

export const uncordonCommand: Command = {
  name: 'uncordon <hosts..>',
  about: 'Let nodes take Pods again, whoever cordoned them.',
  example: 'kubestrap uncordon -i inventory.yaml w1',
  options: { ...inventoryOption, ...outputOption, ...otherRunsOption },
  positionals: nodes('uncordon'),
  run: async (values) => {
    const spec = await inventoryOf(values)
    return converge(spec, values, { ...throughTheApi, workflow: uncordon(namedNodes(spec, values)) })
  },
}
