import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { groupBy } from '../lib/group-by.js'
import type { Closer } from './closer.js'

/** Something that would make the run fail, or that its user should know. */
export interface Problem {
  host: string
  severity: 'error' | 'warning'
  what: string
  next: string
}

/** A named look at what is known before anything is planned. All run; each can be ignored by name. */
export interface Check {
  /** kubeadm's own name where it has one: "NumCPU". */
  name: string
  /** One sentence for the documentation. */
  about: string
  run(context: Context, closer: Closer): readonly Problem[]
}

/** The `run` of a check that looks at one machine at a time. */
export const onEach =
  (look: (machine: Machine, context: Context, closer: Closer) => Omit<Problem, 'host'> | undefined) =>
  (context: Context, closer: Closer): Problem[] =>
    context.machines.flatMap((machine) => {
      const found = look(machine, context, closer)
      return found ? [{ host: machine.spec.name, ...found }] : []
    })

/** The `run` of a check that finds machines sharing a value which should be their own; '' is no value. */
export const onTwins =
  (value: (machine: Machine) => string, tell: (machine: Machine, twin: Machine) => Omit<Problem, 'host'>) =>
  ({ machines }: Context): Problem[] =>
    [...groupBy(machines, value)].flatMap(([shared, [first, ...twins]]) =>
      shared === '' || first === undefined
        ? []
        : twins.map((machine) => ({ host: machine.spec.name, ...tell(machine, first) })),
    )
