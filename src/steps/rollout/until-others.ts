import { type Context, controlPlanes } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { ownApiMissing } from '../../cluster/own-api.js'
import type { ApplyContext } from '../../engine/step.js'
import { UserError } from '../../lib/errors.js'

/** How long others may take to be able to do without a host. */
const spareMs = 60_000
const everyMs = 1_000

/** Waits until something is so. Throws UserError('step') after a minute, with why it is not. */
export async function until(
  context: Context,
  machine: Machine,
  { progress }: Pick<ApplyContext, 'progress'>,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = context.now().getTime() + spareMs
  for (let told = ''; ; ) {
    const why = await missing()
    if (why === undefined) return
    if (context.now().getTime() >= deadline)
      throw new UserError('step', `${machine.spec.name} is not interrupted: no other host does its work`, {
        host: machine.spec.name,
        why,
        next: 'restore the others first (kubestrap status), and run again',
      })
    if (told !== why) progress(`waits: ${why}`)
    told = why
    await context.sleep(everyMs)
  }
}

/** Waits until others do the work of a machine that is to be interrupted. Throws UserError('step') when they do not. */
export type Guard = (context: Context, machine: Machine, how: Pick<ApplyContext, 'progress'>) => Promise<void>

/** Another API server answers. */
export const untilOtherApi: Guard = (context, machine, how) =>
  until(context, machine, how, async () => {
    const others = controlPlanes(context).filter((other) => other !== machine)
    const missing = await Promise.all(others.map((other) => ownApiMissing(context, other)))
    return missing.includes(undefined)
      ? undefined
      : missing.join('; ') || 'no other control plane node is reached'
  })
