import type { Disruption } from './step.js'

/** The order in which several gates are taken, everywhere the same, so that no two wait for each other. */
const order: readonly Disruption[] = ['etcd', 'api', 'balancer', 'node']

/** How many of a kind may be interrupted at once, and after how many that failed none follows. */
export interface Rollout {
  /** At once, of each kind; 1 where it says nothing. At least 1. */
  width?: Partial<Record<Disruption, number>>
  /** How many may fail before no further one is let through, of each kind; 0 where it says nothing. */
  maxFailed?: Partial<Record<Disruption, number>>
}

interface Gate {
  free: number
  /** In the order of their asking; each is told when it is its turn, or that it will never be. */
  waiting: { enter(): void; refuse(error: Blocked): void }[]
  failed: string[]
}

/** What a gate was taken for; gives it back. */
export interface Pass {
  readonly kinds: readonly Disruption[]
  /** Lets the next one through; none any more where too many failed. Only the first call counts. */
  leave(failed?: string): void
}

/**
 * Lets so many disruptions of a kind through at a time, in the order of their asking. Who holds a pass has settled
 * when it gives it back; after a failure too many no further one is let through.
 */
export class Gates {
  readonly #gates = new Map<Disruption, Gate>()

  constructor(private readonly rollout: Rollout = {}) {}

  /**
   * Waits for a turn at the gate of every kind, in one fixed order.
   * @param waits told once, when the turn has not come at once
   * @throws Blocked when too many that hold or held one of them failed
   */
  async take(kinds: readonly Disruption[], waits: () => void = () => {}): Promise<Pass> {
    const sorted = order.filter((kind) => kinds.includes(kind))
    const held: Disruption[] = []
    let told = false
    const tell = (): void => {
      if (!told) waits()
      told = true
    }
    const back = (failed?: string): void => {
      for (const kind of held.splice(0)) this.#leave(kind, failed)
    }
    try {
      for (const kind of sorted) {
        await this.#enter(kind, tell)
        held.push(kind)
      }
    } catch (error) {
      back()
      throw error
    }
    return { kinds: sorted, leave: back }
  }

  #gate(kind: Disruption): Gate {
    const gate = this.#gates.get(kind) ?? {
      free: Math.max(1, this.rollout.width?.[kind] ?? 1),
      waiting: [],
      failed: [],
    }
    this.#gates.set(kind, gate)
    return gate
  }

  #blocked(kind: Disruption, { failed }: Gate): Blocked | undefined {
    if (failed.length <= (this.rollout.maxFailed?.[kind] ?? 0)) return undefined
    return new Blocked(`${failed.join(', ')}, which also interrupts ${kind}, failed`)
  }

  async #enter(kind: Disruption, waits: () => void): Promise<void> {
    const gate = this.#gate(kind)
    const blocked = this.#blocked(kind, gate)
    if (blocked) throw blocked
    if (gate.free > 0) gate.free -= 1
    else
      await new Promise<void>((resolve, reject) => {
        gate.waiting.push({ enter: resolve, refuse: reject })
        waits()
      })
  }

  #leave(kind: Disruption, failed: string | undefined): void {
    const gate = this.#gate(kind)
    if (failed !== undefined) gate.failed.push(failed)
    const blocked = this.#blocked(kind, gate)
    if (blocked) {
      for (const { refuse } of gate.waiting.splice(0)) refuse(blocked)
      gate.free += 1
      return
    }
    const next = gate.waiting.shift()
    if (next) next.enter()
    else gate.free += 1
  }
}

/** Never started, because of what happened to others: no fault of the step that is told so. */
export class Blocked extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Blocked'
  }
}
