import { releases } from './index.js'
import type { Release } from './release.js'

/**
 * The version a new inventory has when its author names none: the newest known patch release of the newest minor of
 * which a cluster of real components was created.
 * @param from releases, oldest first; default: all
 */
export function newestTested(from: readonly Release[] = releases): string {
  const tested = from.filter(({ untested }) => !untested)
  const newest = (tested.length > 0 ? tested : from).at(-1)
  if (newest === undefined) throw new Error('there are no releases')
  return newest.patch
}
