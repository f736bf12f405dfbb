import type { CutWhere, Mutation, Side } from './cut.js'

/**
 * Where to cut each of a long row of runs on one world, so that every run makes one mutation more than its
 * predecessor and every mutation of the way is a cut point: the odd runs are cut right after their first new
 * mutation, whose answer is lost; the even ones right before their second. New is what no run made before.
 */
export class Staircase {
  readonly #made = new Set<Mutation>()
  #side: Side = 'before'
  readonly cuts: { mutation: Mutation; side: Side }[] = []

  /** Where the next run is cut. */
  next(): CutWhere {
    this.#side = this.#side === 'before' ? 'after' : 'before'
    const side = this.#side
    let passed = side === 'after'
    return (mutation) => {
      if (this.#made.has(mutation) || mutation.endsWith(': take over')) return undefined
      if (side === 'after' || !passed) this.#made.add(mutation)
      if (!passed) {
        passed = true
        return undefined
      }
      this.cuts.push({ mutation, side })
      return side
    }
  }
}
