import { type Context, isNew } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { TimeSync } from '../../os/os.js'

/** What is done about a machine's clock, and why nothing is. */
export type TimeSyncPlan =
  | { setUp: TimeSync; installed: boolean }
  | {
      setUp: undefined
      because:
        | 'container' // it has its host's clock, and cannot set it
        | 'unknown' // what keeps the clock could not be read
        | 'inventory' // timeSync: false
        | 'kept' // something runs that keeps it, or the kernel says that it is kept
        | 'hypervisor' // its hypervisor offers a clock
        | 'living' // in a cluster already: nothing is installed unasked
        | 'masked' // the operator turned off what the system would use
        | 'unavailable' // the system does not have what the inventory asks for
    }

const not = (because: Extract<TimeSyncPlan, { setUp: undefined }>['because']): TimeSyncPlan => ({
  setUp: undefined,
  because,
})

/**
 * What the inventory asks for is set up. Without a word of it a machine that has nothing gets what its system uses,
 * and only before it is part of a cluster.
 */
export function timeSyncPlan(context: Context, machine: Machine): TimeSyncPlan {
  const { facts, spec, os } = machine
  const { units, synchronized, hypervisorClocks } = facts.timeSync
  if (facts.container !== 'none') return not(facts.container === '' ? 'unknown' : 'container')
  if (spec.timeSync === false) return not('inventory')
  const has = (unit: string): boolean => units !== 'unknown' && units.some((one) => one.unit === unit)
  if (spec.timeSync !== undefined) {
    const asked = os.timeSync.find(({ id }) => id === spec.timeSync)
    return asked ? { setUp: asked, installed: has(asked.unit) } : not('unavailable')
  }
  if (units === 'unknown') return not('unknown')
  if (units.some(({ active }) => active) || synchronized === true) return not('kept')
  if (hypervisorClocks.length > 0) return not('hypervisor')
  if (!isNew(context, machine)) return not('living')
  if (units.some(({ masked }) => masked)) return not('masked')
  const own = os.timeSync.find(({ unit }) => has(unit)) ?? os.timeSync[0]
  return own ? { setUp: own, installed: has(own.unit) } : not('unavailable')
}
