import { type Context, hasSeveralPlanes } from '../../cluster/context.js'
import { isControlPlane, isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import type { Disruption } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import { isBug } from '../../lib/errors.js'
import { balancerMachine, carries, servesOthers } from '../balancer/balancer-settings.js'
import { untilSpare } from '../etcd/spare.js'
import { ofRequest } from './drain-words.js'
import { nodeTransaction } from './node-transaction.js'
import { type Guard, until, untilOtherApi } from './until-others.js'

/**
 * What interrupts a whole host, whatever it is, and with several roles all of it: a node as `nodeTransaction` has it; a host of
 * etcd or of the load balancer that is no node is drained of nothing. Before it is interrupted those that do its work meanwhile do work: other API servers, the other members of
 * etcd, another load balancer.
 */
export function hostTransaction(context: Context, machine: Machine): Transaction {
  const node = nodeTransaction(context, machine, { words: ofRequest, repairs: false })
  const guards = [
    ...(isControlPlane(machine) && hasSeveralPlanes(context) ? [untilOtherApi] : []),
    ...(isEtcdHost(machine) ? [untilSpare] : []),
    ...(servesOthers(context, machine) ? [untilOtherBalancer] : []),
  ]
  return {
    ...node,
    id: node?.id ?? `${machine.spec.name}/host`,
    holds: [...new Set([...heldBy(context, machine), ...(node?.holds ?? [])])],
    guard: async (how, absent, meanwhile) => {
      await node?.guard?.(how, absent, meanwhile)
      for (const guard of guards) await guard(context, machine, how)
    },
  }
}

/** What is taken away with a host besides its node. */
const heldBy = (context: Context, machine: Machine): Disruption[] => [
  ...(isEtcdHost(machine) ? (['etcd'] as const) : []),
  ...(servesOthers(context, machine) ? (['balancer'] as const) : []),
]

/** What the reboot of a host takes away first of all. */
export const disruptionOfHost = (context: Context, machine: Machine): Disruption | undefined =>
  isNode(machine) ? 'node' : heldBy(context, machine)[0]

/** Whether the cluster has no other host that does what this one does for its API: nobody is answered while it is away. */
export function isAlone(context: Context, machine: Machine): boolean {
  const { hosts } = context.spec
  const roles = machine.spec.roles.filter((role) => role !== 'worker')
  return roles.some((role) => hosts.filter((host) => host.roles.includes(role)).length === 1)
}

const untilOtherBalancer: Guard = async (context, machine, how) => {
  const { balancer, machines } = context
  if (balancer?.backends === undefined) return
  const ask = balancer.backends
  const others = machines.filter((other) => other !== machine && carries(balancer, other.spec))
  const all = context.spec.hosts.filter((host) => carries(balancer, host))
  // nobody stands in for the only one, of which the plan has told
  if (all.length === 1) return
  await until(context, machine, how, async () => {
    const works = await Promise.all(
      others.map((other) =>
        ask(balancerMachine(context, other)).then(
          (states) => states.some(({ up }) => up),
          (error: unknown) => {
            if (isBug(error)) throw error
            return false
          },
        ),
      ),
    )
    return works.includes(true) ? undefined : 'no other load balancer sends clients to an API server'
  })
}
