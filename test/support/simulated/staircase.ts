import type { CutWhere, Mutation, Side } from './cut.js'

/**
 * Where to cut each of a long row of runs on one world, so that every run makes one mutation more than its
 * predecessor and every mutation of the way is a cut point (with a stride of n: every n-th): the odd runs are cut right after their first new
 * mutation, whose answer is lost; the even ones right before their second. New is what no run made before.
 */
export class Staircase {
  readonly #made = new Set<Mutation>()
  #side: Side = 'before'
  readonly cuts: { mutation: Mutation; side: Side }[] = []
  readonly #stride: number

  constructor(stride = 1) {
    this.#stride = stride
  }

  /** Where the next run is cut. */
  next(): CutWhere {
    this.#side = this.#side === 'before' ? 'after' : 'before'
    const side = this.#side
    // new ones that are let through before the cut
    let passing = this.#stride - (side === 'after' ? 1 : 0)
    return (mutation) => {
      if (this.#made.has(mutation) || mutation.endsWith(': take over')) return undefined
      if (side === 'after' || passing > 0) this.#made.add(mutation)
      if (passing > 0) {
        passing -= 1
        return undefined
      }
      this.cuts.push({ mutation, side })
      return side
    }
  }
}
