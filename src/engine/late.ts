/** Thrown by a probe or a diff that cannot look yet, because something it stands on does not exist yet. */
export class NotYet extends Error {
  /** @param what what is missing, in plain words: "the API server" */
  constructor(readonly what: string) {
    super(`not known yet: ${what}`)
    this.name = 'NotYet'
  }
}

/**
 * A value that appears during a run: found by a probe or made by an apply. Reading it too early
 * throws NotYet, which a plan prints as "known after apply".
 */
export class Late<T> {
  #value: { is: T } | undefined

  /** @param name what it is, in plain words, for plans and messages */
  constructor(readonly name: string) {}

  get known(): boolean {
    return this.#value !== undefined
  }

  /** The value. Throws NotYet while nobody has set it. */
  get(): T {
    if (this.#value === undefined) throw new NotYet(this.name)
    return this.#value.is
  }

  set(value: T): void {
    this.#value = { is: value }
  }
}
