import { outlook } from '../../engine/plan.js'
import { UserError } from '../../lib/errors.js'
import type { Planned } from '../../workflows/execute.js'
import type { Reporting } from '../reporting.js'
import { plannedSteps } from './encode.js'

/** After a question that took longer than this the hosts are looked at again, ms. */
const freshMs = 5_000

/**
 * A plan that may be applied: what was found, after a question where one is asked. A person reads for as long as they
 * like: then hosts are looked at again, and where they differ the question is asked again.
 * Throws UserError('usage') for another answer than yes.
 */
export async function agreed(
  look: () => Promise<Planned>,
  confirm: ((found: Planned) => Promise<boolean>) | undefined,
  { emit, now }: Pick<Reporting, 'emit' | 'now'>,
): Promise<Planned> {
  for (let found = await look(); ; ) {
    if (!confirm || outlook(found.graph, found.plan) === 'nothing') return found
    const asked = now()
    if (!(await confirm(found)))
      throw new UserError('usage', 'not confirmed', { next: 'nothing was changed' })
    if (now() - asked < freshMs) return found
    const again = await look()
    if (same(found, again)) return again
    const text = 'the hosts changed while the question was open: asking again'
    emit({ type: 'message', at: now(), level: 'warning', text })
    found = again
  }
}

/** Whether two plans make the same changes. */
function same(one: Planned, other: Planned): boolean {
  const steps = ({ graph, plan }: Planned): string => JSON.stringify(plannedSteps(graph, plan, ''))
  return steps(one) === steps(other)
}
