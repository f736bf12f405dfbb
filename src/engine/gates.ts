import type { Disruption } from './step.js'

/**
 * Lets disruptions of one kind through one at a time. What runs inside includes the step's own
 * verification, so the next starts only when the last has settled; after a failure none follows.
 */
export class Gates {
  readonly #tails = new Map<Disruption, Promise<unknown>>()

  async through<T>(kind: Disruption | undefined, work: () => Promise<T>): Promise<T> {
    if (kind === undefined) return work()
    const before = this.#tails.get(kind) ?? Promise.resolve()
    const mine = before.then(work, () => {
      throw new Error(`not started: an earlier step that disrupts the same (${kind}) failed`)
    })
    this.#tails.set(kind, mine)
    return mine
  }
}
