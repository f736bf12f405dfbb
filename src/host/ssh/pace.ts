import pLimit, { type LimitFunction } from 'p-limit'

/** sshd starts to drop unauthenticated connections at the 11th (MaxStartups 10:30:100). */
const atOnce = 8

/** Lets only so many log in to one machine at a time. */
export class Pace {
  readonly #limits = new Map<string, LimitFunction>()

  /** @param target what is dialled; ports of one address may be one sshd */
  run<T>(target: string, task: () => Promise<T>): Promise<T> {
    const limit = this.#limits.get(target) ?? pLimit(atOnce)
    this.#limits.set(target, limit)
    return limit(task)
  }
}
