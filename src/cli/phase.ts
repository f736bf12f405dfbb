import type { Node } from '../engine/graph.js'
import { UserError } from '../lib/errors.js'
import { table } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { up } from '../workflows/up.js'
import { changeOptions } from './change-options.js'
import { type Command, list } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'
import { confirmInterruptions } from './plan/confirm.js'

/** Whether a step is of one of these phases, by their names. */
export const inPhases =
  (wanted: readonly string[]) =>
  ({ phase }: Pick<Node, 'phase'>): boolean =>
    wanted.includes(phase)

export const phaseCommand: Command = {
  name: 'phase',
  about: 'List the phases of up, or run some of them.',
  example: 'kubestrap phase run -i inventory.yaml kubelet',
  run: async () => 0,
  children: [
    {
      name: 'list',
      about: 'List the phases in the order of up.',
      example: 'kubestrap phase list',
      run: async () => {
        print(`${table([['PHASE', 'WHAT IT DOES'], ...up.phases.map(({ id, about }) => [id, about])])}\n`)
        return 0
      },
    },
    {
      name: 'run <phases..>',
      about: 'Run only these phases; the phases they depend on must have run before.',
      example: 'kubestrap phase run -i inventory.yaml kubelet static-pods',
      options: changeOptions,
      positionals: { phases: { type: 'string', array: true, describe: 'names of phases, see phase list' } },
      run: async (values) => {
        const wanted = list(values, 'phases')
        const unknown = wanted.filter((id) => !up.phases.some((phase) => phase.id === id))
        if (unknown.length > 0)
          throw new UserError('usage', `unknown phase: ${unknown.join(', ')}`, {
            next: 'kubestrap phase list',
          })
        return converge(await inventoryOf(values), values, {
          confirm: confirmInterruptions(values),
          keep: inPhases(wanted),
        })
      },
    },
  ],
}
