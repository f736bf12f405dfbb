import type { Context } from '../../cluster/context.js'
import { isNode, type Machine } from '../../cluster/machine.js'
import type { Effect } from '../../engine/effect.js'
import type { Need, Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import { lifeStep } from './life-step.js'
import { type Living, machineLife } from './lives.js'
import { reboot } from './reboot.js'
import type { Asked } from './request-steps.js'
import { disruptionOfHost, isAlone } from './turn-of-host.js'

export interface BegunAnew {
  before: Asked['before']
  within: Transaction
  /** How long the host may take to come back, ms. */
  withinMs: number
  needs: readonly Need[]
}

/** A host is of another boot than before, after its Pods have moved. */
export function rebootSteps(
  context: Context,
  machine: Machine,
  { before, within, withinMs, needs }: BegunAnew,
): { living: Living[]; steps: Step[] } {
  const { name } = machine.spec
  const of = machineLife(machine)
  const remarks: Effect[] = [
    ...(isNode(machine) ? [{ kind: 'remark', text: 'after a drain' } as const] : []),
    ...(isAlone(context, machine)
      ? [{ kind: 'remark', text: 'no other host does its work: the API does not answer meanwhile' } as const]
      : []),
  ]
  return {
    living: [of],
    steps: [
      lifeStep(
        { before },
        {
          id: 'reboot',
          title: `reboot of ${name}`,
          target: name,
          of,
          needs,
          within,
          endsPods: isNode(machine),
          disrupts: () => disruptionOfHost(context, machine),
          change: { kind: 'restart', subjects: [name], summary: `reboot ${name}`, effects: remarks },
          apply: (_, { progress }) => reboot(context, machine, { withinMs, progress }),
        },
      ),
    ],
  }
}
