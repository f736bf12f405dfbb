import { placeIn } from '../lib/place-in.js'
import type { Before } from './joints.js'

/** What each waits for. */
export type Waits = ReadonlyMap<Before, ReadonlySet<Before>>

/**
 * Everything after all that it waits for (Kahn's algorithm), without what waits for itself, whatever is between. What has no
 * place in a wished order comes as early as it can; of the rest the one with the lowest place comes next. Takes time in
 * proportion to what waits and what for.
 */
export function inTurns(needs: Waits, placeOf: (one: Before) => number | undefined): Before[] {
  const waiters = new Map<Before, Before[]>()
  for (const [one, others] of needs)
    for (const other of others) {
      const own = waiters.get(other)
      if (own) own.push(one)
      else waiters.set(other, [one])
    }
  const left = new Map([...needs].map(([one, others]) => [one, others.size]))
  const free: Before[] = []
  /** Those with a place, the last first. */
  const placed: Before[] = []
  const backwards: number[] = []
  const isFree = (one: Before): void => {
    const place = placeOf(one)
    if (place === undefined) free.push(one)
    else {
      const at = placeIn(backwards, -place)
      backwards.splice(at, 0, -place)
      placed.splice(at, 0, one)
    }
  }
  for (const [one, count] of left) if (count === 0) isFree(one)
  const order: Before[] = []
  for (;;) {
    let one = free.pop()
    if (one === undefined) {
      one = placed.pop()
      backwards.pop()
    }
    if (one === undefined) return order
    order.push(one)
    for (const waiter of waiters.get(one) ?? []) {
      const count = (left.get(waiter) ?? 0) - 1
      left.set(waiter, count)
      if (count === 0) isFree(waiter)
    }
  }
}
