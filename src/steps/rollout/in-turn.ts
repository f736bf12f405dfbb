import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Change, Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import { unitRuns } from '../../resources/unit-runs.js'
import { nodeTransaction } from './node-transaction.js'
import { drainsForUpgrade, nodeTurn } from './node-turn.js'

export interface InTurn {
  /** The unit that runs by what the step changes: it reads it when it starts, after a reboot too. */
  unit: string
  /** A restart of the unit ends the Pods of the node: they are moved away before anything is changed. */
  endsPods?: boolean
  /** The transaction that it is changed in. Default: the node's, and in an upgrade always in its turn. */
  within?: Transaction
}

interface Seen<Observed> {
  own: Observed
  /** The unit runs. */
  runs: boolean
}

/**
 * What a unit of a living node runs by is changed in the turn of the node, together with the restart that takes it up. A
 * node that a rollout did not come to keeps what it runs by, also where it crashes or reboots before the next run.
 * While the unit does not run nothing is interrupted, and the change may be what brings it back: it waits for no turn, which
 * others that are down as well might never give. In an upgrade it always waits: what is there is of one version.
 */
export function inTurn<Observed>(
  context: Context,
  machine: Machine,
  step: Step<Observed>,
  { unit, endsPods = false, within: given }: InTurn,
): Step<Observed> | Step<Seen<Observed>> {
  const within = given ?? nodeTransaction(context, machine)
  if (within === undefined) return step
  const vacates = (): boolean => endsPods || (given === undefined && drainsForUpgrade(context, machine))
  const turn = given === undefined ? nodeTurn(context, machine) : undefined
  if (turn) return { ...step, ...turn, vacates }
  const { host } = machine
  const seen: Step<Seen<Observed>> = {
    ...step,
    probe: async (look) => {
      const [own, runs] = await Promise.all([step.probe(look), unitRuns(host, unit)])
      return { own, runs }
    },
    diff: ({ own, runs }) =>
      step.diff(own).map((change): Change => (runs ? { ...change, subjects: [unit] } : change)),
    unshown: ({ own }) => step.unshown?.(own) ?? '',
    learn: ({ own }, changes) => step.learn?.(own, changes),
    apply: (changes, how) => step.apply(changes, { ...how, observed: how.observed.own }),
    within,
    disrupts: (changes) => (changes.some(({ subjects }) => subjects?.includes(unit)) ? 'node' : undefined),
    vacates,
  }
  return seen
}
