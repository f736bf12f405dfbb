import type { Disruption } from './step.js'

/**
 * Lets disruptions of one kind through one at a time. What runs inside includes the step's own
 * verification, so the next starts only when the last has settled; after a failure none follows.
 */
export class Gates {
  readonly #last = new Map<Disruption, string>()
  readonly #tails = new Map<Disruption, Promise<unknown>>()

  async through<T>(kind: Disruption | undefined, name: string, work: () => Promise<T>): Promise<T> {
    if (kind === undefined) return work()
    const before = this.#tails.get(kind) ?? Promise.resolve()
    const mine = before.then(work, (error: unknown) => {
      const first = error instanceof Closed ? error.first : (this.#last.get(kind) ?? 'another step')
      throw new Closed(`not started: ${first}, which also interrupts ${kind}, failed`, first)
    })
    mine.then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof Closed)) this.#last.set(kind, name)
      },
    )
    this.#tails.set(kind, mine)
    return mine
  }
}

/** What waited behind a disruption that failed. */
class Closed extends Error {
  constructor(
    message: string,
    readonly first: string,
  ) {
    super(message)
    this.name = 'Closed'
  }
}
