import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { timeSyncPlan } from '../steps/host/time-sync-plan.js'
import { type Check, onEach, type Problem } from './check.js'

/** What keeps the clocks; whether they agree is ClockSkew. */
export const timeSyncChecks: readonly Check[] = [
  {
    name: 'TimeSync',
    about: 'One service keeps the clock of each machine, and it is synchronized.',
    run: onEach((machine, context) => problem(machine, context)),
  },
]

function problem(machine: Machine, context: Context): Omit<Problem, 'host'> | undefined {
  const warning = (what: string, next: string): Omit<Problem, 'host'> => ({ severity: 'warning', what, next })
  const plan = timeSyncPlan(context, machine)
  const { units, synchronized } = machine.facts.timeSync
  const active = units === 'unknown' ? [] : units.filter((one) => one.active).map(({ unit }) => unit)
  if (plan.setUp) {
    const { id, unit } = plan.setUp
    const others = active.filter((one) => one !== unit)
    if (others.length > 0)
      return warning(
        `${others.join(', ')} keeps the clock, and the inventory asks for ${id}`,
        `stop and disable ${others.join(', ')}; installing ${id} may remove its package`,
      )
    return active.length > 0 || machine.spec.timeSync !== undefined
      ? undefined
      : warning(
          'nothing keeps the clock',
          `nothing to do: up ${plan.installed ? 'starts' : 'installs'} ${id}; set timeSync: false for the host if something else keeps the clock`,
        )
  }
  switch (plan.because) {
    case 'container':
    case 'inventory':
    case 'hypervisor':
      return undefined
    case 'unknown':
      return warning(
        'could not check what keeps the clock',
        'see timedatectl, and systemctl status of chronyd or systemd-timesyncd; nothing is changed',
      )
    case 'unavailable':
      return {
        severity: machine.spec.timeSync === undefined ? 'warning' : 'error',
        what: machine.spec.timeSync
          ? `${machine.facts.os.name} has no package for ${machine.spec.timeSync}`
          : 'nothing keeps the clock',
        next: `set timeSync to ${machine.os.timeSync.map(({ id }) => id).join(' or ') || 'false'}`,
      }
    case 'living':
    case 'masked':
      return warning(
        'nothing keeps the clock',
        `set timeSync: ${machine.os.timeSync[0]?.id ?? 'false'} for the host, or timeSync: false if something else keeps the clock`,
      )
    case 'kept':
      if (active.length > 1)
        return warning(
          `${active.join(' and ')} keep the clock, and each undoes what the other does`,
          'disable all but one of them',
        )
      return active.length === 1 && synchronized === false
        ? warning(
            `${active[0]} runs, and the clock is not synchronized`,
            'it takes some minutes after a boot; if it lasts, its servers cannot be reached (chronyc sources, timedatectl timesync-status)',
          )
        : undefined
  }
}
