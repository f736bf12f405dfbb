import type { PullFailure } from './pull-script.js'

/** How many hosts one host sends to at once, and from how many it receives. */
export const hopsOfOne = 2

/** A host that was refused by so many others is sent to from here, and one that refused so many is not asked again. */
const refusals = 2

/** When none of so many tries came to anything, hosts of this run do not log in to each other. */
const triesInVain = 4

/**
 * How a fetch from another host ended. `had`: the receiver has the file; `unable`: the source could not let anybody in;
 * `left`: neither's fault.
 */
export type HopEnd = PullFailure | 'unable' | 'had' | 'left'

/** What a run has learned of its hosts as sources and receivers of files, whatever the file. Decides; does nothing. */
export class Peers {
  readonly #out = new Set<string>()
  readonly #clientless = new Set<string>()
  /** By source, the receivers that it refused; by receiver, the sources that refused it. */
  readonly #refusedAt = new Map<string, Set<string>>()
  readonly #refusalsOf = new Map<string, Set<string>>()
  /** How many fetches are under way, by source and by receiver. */
  readonly #sending = new Map<string, number>()
  readonly #receiving = new Map<string, number>()
  #served = 0
  #failed = 0

  /** Whether others may still be sent to it. */
  isSource(host: string): boolean {
    return !this.off && !this.#out.has(host) && (this.#refusedAt.get(host)?.size ?? 0) < refusals
  }

  /** Whether it may still fetch from others. */
  isReceiver(host: string): boolean {
    return !this.off && !this.#clientless.has(host) && this.refusalsOf(host).size < refusals
  }

  /** The sources that it was refused by. */
  refusalsOf(receiver: string): ReadonlySet<string> {
    return this.#refusalsOf.get(receiver) ?? none
  }

  /** Whether nobody fetches from anybody any more. */
  get off(): boolean {
    return this.#served === 0 && this.#failed >= triesInVain
  }

  /** To how many it sends now. */
  sending(host: string): number {
    return this.#sending.get(host) ?? 0
  }

  /** From how many it receives now. */
  receiving(host: string): number {
    return this.#receiving.get(host) ?? 0
  }

  began(receiver: string, source: string): void {
    this.#sending.set(source, this.sending(source) + 1)
    this.#receiving.set(receiver, this.receiving(receiver) + 1)
  }

  ended(receiver: string, source: string, end: HopEnd): void {
    this.#sending.set(source, this.sending(source) - 1)
    this.#receiving.set(receiver, this.receiving(receiver) - 1)
    if (end === 'left') return
    if (end === 'had') this.#served += 1
    else if (end === 'no-client') this.#clientless.add(receiver)
    else {
      this.#failed += 1
      if (end !== 'refused') this.#out.add(source)
      else {
        add(this.#refusedAt, source, receiver)
        add(this.#refusalsOf, receiver, source)
      }
    }
  }
}

const none: ReadonlySet<string> = new Set()

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key) ?? new Set()
  sets.set(key, set.add(value))
}
