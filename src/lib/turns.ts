/** Lets so many pieces of work go on at once; the others wait for their turn, in the order they came. */
export class Turns {
  #free: number
  #stopped: { reason: unknown } | undefined
  readonly #waiting: { go(): void; stop(reason: unknown): void }[] = []

  /** @param atOnce at least 1 */
  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** The result of the work, once it had its turn. Throws what it throws, and the reason of `stop` when that came before its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stopped) throw this.#stopped.reason
    if (this.#free === 0) await new Promise<void>((go, stop) => this.#waiting.push({ go, stop }))
    else this.#free -= 1
    try {
      return await work()
    } finally {
      // who waits gets this one's place
      const next = this.#waiting.shift()
      if (next) next.go()
      else this.#free += 1
    }
  }

  /** Lets nothing more begin; what goes on ends by itself. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const one of this.#waiting.splice(0)) one.stop(reason)
  }
}
