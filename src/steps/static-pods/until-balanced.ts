import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { isBug } from '../../lib/errors.js'
import { balancerMachine, carries } from '../balancer/balancer-settings.js'

/** Longer than the checks of every balancer take to believe that a server is back (rise times inter). */
const withinMs = 30_000

/**
 * Resolves when every balancer of the run sends clients to a control plane's API server again: while one believes
 * that it is away, the next must stay. Balancers that are not ours, and one that does not answer, are not waited for.
 * Throws when one does not take it in.
 */
export async function untilBalanced(context: Context, plane: Machine): Promise<void> {
  const { balancer, machines } = context
  if (!balancer?.backends) return
  const asked = machines.filter(({ spec }) => carries(balancer, spec))
  const deadline = context.now().getTime() + withinMs
  await Promise.all(
    asked.map(async (machine) => {
      for (;;) {
        const missing = await missingAt(context, machine, plane)
        if (missing === undefined) return
        if (context.now().getTime() > deadline)
          throw new Error(
            `after ${withinMs / 1000} s the load balancer on ${machine.spec.name} still sends no connections to the API server of ${plane.spec.name}${missing ? ` (${missing})` : ''}`,
          )
        await context.sleep(250)
      }
    }),
  )
}

/** Which balancer of the run does not use a control plane's API server yet, and why; undefined when all do. */
export async function notBalanced(context: Context, plane: Machine): Promise<string | undefined> {
  const { balancer, machines } = context
  if (!balancer?.backends) return undefined
  for (const machine of machines.filter(({ spec }) => carries(balancer, spec))) {
    const missing = await missingAt(context, machine, plane)
    if (missing !== undefined)
      return `the load balancer on ${machine.spec.name} sends no connections to the API server of ${plane.spec.name}${missing ? ` (${missing})` : ''}`
  }
  return undefined
}

/** What a balancer says of a server it does not use, '' for nothing; undefined when it uses it, or does not answer. */
async function missingAt(
  context: Context,
  machine: Machine,
  { spec: { name } }: Machine,
): Promise<string | undefined> {
  try {
    const states = (await context.balancer?.backends?.(balancerMachine(context, machine))) ?? []
    const own = states.find((state) => state.name === name)
    return own === undefined || own.up ? undefined : own.words
  } catch (error) {
    if (isBug(error)) throw error
    // it balances nothing just now, so nobody comes by it to the next
    return undefined
  }
}
