import { parseDuration, roughly } from '../lib/time.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** A year, as kubeadm signs; a certificate is renewed in the last third of its life at the earliest (see src/pki/renewal.ts). */
const longestMs = (365 / 3) * 24 * 3600 * 1000

/** A `certificates.renewBefore` that is no duration, or longer than it can ever count. */
export function certificateProblems({ certificates }: Inventory): Found[] {
  const { renewBefore } = certificates ?? {}
  if (renewBefore === undefined) return []
  const ms = parseDuration(renewBefore)
  const path = ['certificates', 'renewBefore']
  if (ms === undefined)
    return [
      { path, what: `"${renewBefore}" is not a duration`, write: 'days or hours, such as 90d (the default)' },
    ]
  if (ms > longestMs)
    return [
      {
        path,
        what: `${renewBefore} is more than a third of a certificate's life, which is a year`,
        write: `at most ${roughly(Math.floor(longestMs / 86_400_000) * 86_400_000)}`,
      },
    ]
  return []
}
