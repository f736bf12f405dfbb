import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { ApplyContext } from '../../engine/step.js'
import { isBug, messageOf, UserError } from '../../lib/errors.js'
import { bootId } from './lives.js'

const everyMs = 1_000

/**
 * Reboots a machine and waits until it answers from another boot, whose boot id is another. The connection is lost meanwhile;
 * so is, with /run, that the machine is this run's, which it is made again.
 * @param withinMs how long it may take
 * Throws UserError('step') when it does not come back, or when another run has taken it since.
 */
export async function reboot(
  context: Context,
  machine: Machine,
  { withinMs, progress }: { withinMs: number } & Pick<ApplyContext, 'progress'>,
): Promise<void> {
  const { host, spec } = machine
  const before = await bootId(machine)
  const isBack = context.expectAbsence?.(host)
  try {
    progress(`rebooting ${spec.name}`)
    await host.mutate({
      what: 'systemctl reboot',
      script: 'exec systemctl reboot',
      timeoutMs: 60_000,
      endsConnection: true,
    })
    await untilBooted(context, machine, { before, withinMs, progress })
    await host.takeOverAgain()
  } finally {
    await isBack?.()
  }
}

async function untilBooted(
  context: Context,
  machine: Machine,
  { before, withinMs, progress }: { before: string; withinMs: number } & Pick<ApplyContext, 'progress'>,
): Promise<void> {
  const { name } = machine.spec
  const began = context.now().getTime()
  const seconds = (): number => Math.round((context.now().getTime() - began) / 1000)
  for (let away = false; ; ) {
    let why = 'it still runs as before the reboot'
    try {
      if ((await bootId(machine)) !== before) {
        progress(`${name} answers again after ${seconds()} s`)
        return
      }
    } catch (error) {
      if (isBug(error)) throw error
      if (!away) progress(`${name} is away; waits until it answers again`)
      away = true
      why = messageOf(error)
      if (error instanceof UserError && error.why) why += `: ${error.why}`
    }
    if (context.now().getTime() - began >= withinMs)
      throw new UserError('step', `${name} did not come back from its reboot within ${withinMs / 1000} s`, {
        host: name,
        why,
        next: `look at its console; when it answers, run the same command again, which goes on, or kubestrap up`,
      })
    await context.sleep(everyMs)
  }
}
