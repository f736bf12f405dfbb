import { placeIn } from '../lib/place-in.js'
import type { Disruption } from './step.js'

const all: readonly Disruption[] = ['etcd', 'api', 'balancer', 'node']

/** How many of a kind may be interrupted at once, and after how many that failed none follows. */
export interface Rollout {
  /** At once, of each kind; 1 where it says nothing. At least 1. */
  width?: Partial<Record<Disruption, number>>
  /** How many may fail before no further one is let through, of each kind; 0 where it says nothing. */
  maxFailed?: Partial<Record<Disruption, number>>
  /** Targets in the order of their turns, as far as what their steps wait for allows; others follow. Default: that of the steps. */
  order?: readonly string[]
}

interface Gate {
  free: number
  failed: string[]
  /** Places of those that are still to come, in their order. */
  expected: number[]
}

/** One that has asked for its turn; it is told when it has come, or that it never will. */
interface Waiting {
  kinds: readonly Disruption[]
  place: number
  enter(): void
  refuse(error: Blocked): void
}

/** What gates were taken for; gives them back. */
export interface Pass {
  readonly kinds: readonly Disruption[]
  /** Lets the next ones through; none any more where too many failed. Only the first call counts. */
  leave(failed?: string): void
}

/**
 * Lets so many disruptions of a kind through at a time, in the order of their places: who comes later asks first by chance,
 * and waits for those before it that are known to come, or that wait for another gate of theirs. Who needs several gates takes them at once, or none: nobody holds one
 * while it waits for another. Who holds a pass has settled when it gives it back; after a failure too many no further one is
 * let through.
 */
export class Gates {
  readonly #gates: Readonly<Record<Disruption, Gate>>
  /** In the order of their places; of one place in that of their asking. */
  readonly #waiting: Waiting[] = []
  /** Places of those that have given back what they held until another one is well again. */
  readonly #yielding: number[] = []

  constructor(private readonly rollout: Rollout = {}) {
    const gate = (kind: Disruption): Gate => ({
      free: Math.max(1, rollout.width?.[kind] ?? 1),
      failed: [],
      expected: [],
    })
    this.#gates = { etcd: gate('etcd'), api: gate('api'), balancer: gate('balancer'), node: gate('node') }
  }

  /**
   * Has those with later places wait for one that is to come. It must wait for none of them: places are in an order that
   * what waits for what allows.
   * @returns tells that it has come, or never will; only the first call counts
   */
  expect(kinds: readonly Disruption[], place: number): () => void {
    for (const kind of kinds) {
      const { expected } = this.#gates[kind]
      expected.splice(placeIn(expected, place), 0, place)
    }
    let over = false
    return () => {
      if (over) return
      over = true
      for (const kind of kinds) {
        const { expected } = this.#gates[kind]
        expected.splice(expected.indexOf(place), 1)
      }
      this.#serve()
    }
  }

  /**
   * Says of one that held gates, and is about to give them back, that it waits for another one that needs them: what is to come
   * behind it may wait for it, and keeps that other one out no longer.
   * @returns ends that; only the first call counts
   */
  yields(place: number): () => void {
    this.#yielding.push(place)
    let over = false
    return () => {
      if (over) return
      over = true
      this.#yielding.splice(this.#yielding.indexOf(place), 1)
    }
  }

  /**
   * Waits for a turn at the gates of all kinds.
   * @param waits told once, when the turn has not come at once
   * @throws Blocked when too many that hold or held one of them failed
   */
  async take(kinds: readonly Disruption[], place: number, waits: () => void = () => {}): Promise<Pass> {
    const wanted = all.filter((kind) => kinds.includes(kind))
    await new Promise<void>((resolve, reject) => {
      let entered = false
      const one: Waiting = {
        kinds: wanted,
        place,
        enter: () => {
          entered = true
          resolve()
        },
        refuse: (error) => {
          entered = true
          reject(error)
        },
      }
      this.#waiting.splice(
        placeIn(
          this.#waiting.map((other) => other.place),
          place,
        ),
        0,
        one,
      )
      this.#serve()
      if (!entered) waits()
    })
    let left = false
    return {
      kinds: wanted,
      leave: (failed) => {
        if (left) return
        left = true
        for (const kind of wanted) {
          this.#gates[kind].free += 1
          if (failed !== undefined) this.#gates[kind].failed.push(failed)
        }
        this.#serve()
      },
    }
  }

  /** Lets through whoever may go, the first first: what one that cannot go yet waits for is kept for it. */
  #serve(): void {
    const kept = new Set<Disruption>()
    for (const one of [...this.#waiting]) {
      const blocked = this.#blocked(one.kinds)
      if (!blocked && !one.kinds.every((kind) => !kept.has(kind) && this.#lets(kind, one.place))) {
        for (const kind of one.kinds) kept.add(kind)
        continue
      }
      this.#waiting.splice(this.#waiting.indexOf(one), 1)
      if (blocked) one.refuse(blocked)
      else {
        for (const kind of one.kinds) this.#gates[kind].free -= 1
        one.enter()
      }
    }
  }

  #lets(kind: Disruption, place: number): boolean {
    const { free, expected } = this.#gates[kind]
    const [first = place] = expected
    return free > 0 && (first >= place || this.#yielding.some((yielding) => yielding < first))
  }

  #blocked(kinds: readonly Disruption[]): Blocked | undefined {
    for (const kind of kinds) {
      const { failed } = this.#gates[kind]
      if (failed.length > (this.rollout.maxFailed?.[kind] ?? 0))
        return new Blocked(`${failed.join(', ')}, which also interrupts ${kind}, failed`)
    }
    return undefined
  }
}

/** Never started, because of what happened to others: no fault of the step that is told so. */
export class Blocked extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Blocked'
  }
}
