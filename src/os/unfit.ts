import type { Facts } from '../host/facts/facts.js'
import type { OperatingSystem, System } from './os.js'
import { selectSystem } from './select.js'

/** Why something is no host of a cluster, and what to do. */
export interface Unfit {
  what: string
  next: string
}

/** Why nothing can be installed on a machine whose system is known, and what to do; undefined where it can. */
export function unfitSystem(
  { imageBased }: Pick<OperatingSystem, 'imageBased'>,
  { os, usrReadOnly }: Pick<Facts, 'os' | 'usrReadOnly'>,
): Unfit | undefined {
  if (imageBased)
    return { what: `${os.name} cannot be a host of a cluster: ${imageBased.why}`, next: imageBased.next }
  return usrReadOnly
    ? {
        what: '/usr is read-only, and packages and programs are installed there',
        next: 'use a system with a writable /usr (an image-based one, such as Fedora CoreOS or MicroOS, is not supported), or remount it',
      }
    : undefined
}

/** The same of a machine that no inventory names yet: a system that is not known by itself needs a word of its operator (os.like). */
export function unfitHost(systems: readonly System[], facts: Facts): Unfit | undefined {
  const selected = selectSystem(systems, facts, undefined)
  return 'os' in selected ? unfitSystem(selected.os, facts) : { what: selected.problem, next: selected.next }
}
