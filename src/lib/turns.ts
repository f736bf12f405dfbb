interface Waiting {
  owner: string | undefined
  go(): void
  stop(reason: unknown): void
}

/** Lets so many pieces of work go on at once; the others wait for their turn, in the order they came. */
export class Turns {
  #free: number
  #stopped: { reason: unknown } | undefined
  readonly #most: number
  readonly #waiting: Waiting[] = []
  /** How many each owner has. */
  readonly #had = new Map<string, number>()

  /**
   * @param atOnce at least 1
   * @param mostOfOne how many of them one owner has at most; at least 1. Default: all
   */
  constructor(atOnce: number, mostOfOne = atOnce) {
    this.#free = atOnce
    this.#most = mostOfOne
  }

  /**
   * The result of the work, once it had its turn. Throws what it throws, and the reason of `stop` when that came before its turn.
   * @param owner whose work it is
   */
  async take<T>(work: () => Promise<T>, owner?: string): Promise<T> {
    if (this.#stopped) throw this.#stopped.reason
    await new Promise<void>((go, stop) => {
      this.#waiting.push({ owner, go, stop })
      this.#next()
    })
    try {
      return await work()
    } finally {
      this.#free += 1
      if (owner !== undefined) this.#had.set(owner, this.#of(owner) - 1)
      this.#next()
    }
  }

  /** Lets nothing more begin; what goes on ends by itself. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const one of this.#waiting.splice(0)) one.stop(reason)
  }

  #of(owner: string): number {
    return this.#had.get(owner) ?? 0
  }

  /** Begins what may begin. */
  #next(): void {
    while (this.#free > 0) {
      const i = this.#waiting.findIndex(({ owner }) => owner === undefined || this.#of(owner) < this.#most)
      const [one] = i === -1 ? [] : this.#waiting.splice(i, 1)
      if (!one) return
      this.#free -= 1
      if (one.owner !== undefined) this.#had.set(one.owner, this.#of(one.owner) + 1)
      one.go()
    }
  }
}
