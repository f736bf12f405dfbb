import { Blocked, type Gates, type Pass } from './gates.js'
import type { Before } from './joints.js'
import type { Outcome, Passed } from './outcome.js'
import type { ApplyContext, Disruption } from './step.js'
import type { Placed } from './transaction.js'

/** What a transaction has to know of its run. */
export interface Around {
  gates: Gates
  /** Its place among those that interrupt something. */
  place(): number
  /** The plan has found that it will be entered. */
  isPlanned: boolean
  /** How a step of the graph ends; every step's is known before any step starts. */
  outcomeOf(key: string): Promise<Outcome> | undefined
  /** What those that are waited for hand on when they have ended. */
  ended(of: readonly Before[]): Promise<Passed>
}

/** A transaction in a run: entered by the first step that needs it, left when the last of its steps has ended. */
export class TransactionRun {
  #entering: Promise<void> | undefined
  #vacating: Promise<void> | undefined
  #pass: Pass | undefined
  /** Whether it waits for its turn, and whom to tell when it does. */
  #waiting = false
  #waits: (() => void)[] = []

  /** Tells its gates that it has come, or never will. */
  readonly #come: () => void

  constructor(
    private readonly placed: Placed,
    private readonly run: Around,
  ) {
    const { gates, place, isPlanned } = run
    this.#come = isPlanned ? gates.expect(placed.transaction.holds, place()) : () => {}
  }

  /** What it takes away from the cluster. */
  get holds(): readonly Disruption[] {
    return this.placed.transaction.holds
  }

  /** Whether something may have been interrupted or moved away. */
  get entered(): boolean {
    return this.#pass !== undefined
  }

  /**
   * Takes what the transaction holds, once all that any of its steps waits for outside has succeeded.
   * @param stopped why nothing more is to start, asked when the gates are taken
   * @param waits told when the turn has not come at once
   * @throws Blocked where others failed; the guard's error, and Blocked to every step but the first
   */
  async enter(
    key: string,
    kind: Disruption,
    context: ApplyContext,
    stopped: () => string | undefined,
    waits: () => void,
  ): Promise<void> {
    if (this.#waiting) waits()
    else this.#waits.push(waits)
    const { id, holds } = this.placed.transaction
    if (!holds.includes(kind)) throw new TypeError(`${key} interrupts ${kind}, which ${id} does not hold`)
    if (this.#entering === undefined) {
      this.#entering = this.#enter(key, context, stopped)
      return this.#entering
    }
    return onlyFirst(this.#entering, `${id} was not entered`)
  }

  /**
   * Moves away what runs there; once.
   * @throws why that cannot be done, and Blocked to every step but the first
   */
  async vacate(context: ApplyContext): Promise<void> {
    const { id, vacate } = this.placed.transaction
    if (this.#vacating) return onlyFirst(this.#vacating, `what runs there was not moved away for ${id}`)
    this.#vacating = vacate?.(context) ?? Promise.resolve()
    return this.#vacating
  }

  /** Gives back what is held when every step has ended. To be called once, when every step's outcome is known to come. */
  async leaveAtEnd(): Promise<void> {
    const ends = await Promise.all(
      [...this.placed.inside].map(async (key) => ({ key, outcome: await this.run.outcomeOf(key) })),
    )
    this.#come()
    this.#pass?.leave(ends.find(({ outcome }) => outcome?.status === 'failed')?.key)
  }

  async #enter(key: string, context: ApplyContext, stopped: () => string | undefined): Promise<void> {
    const { outside, follows, transaction } = this.placed
    const { gates, place, ended } = this.run
    const [{ broken }] = await Promise.all([ended(outside), ended(follows)])
    if (broken !== undefined) throw new Blocked(`${broken} did not succeed`)
    const absent = (await transaction.absent?.(context)) ?? []
    const kinds = transaction.holds.filter((kind) => !absent.includes(kind))
    const taking = gates.take(kinds, place(), () => {
      this.#waiting = true
      for (const waits of this.#waits) waits()
    })
    this.#come()
    let pass = await taking
    this.#waiting = false
    const mayGoOn = (): void => {
      const why = stopped()
      if (why !== undefined) throw new Error(`not started: ${why}`)
    }
    try {
      mayGoOn()
      await transaction.guard?.(context, absent, async (wait) => {
        const goesOn = gates.yields(place())
        pass.leave()
        await wait().finally(goesOn)
        pass = await gates.take(kinds, place())
        mayGoOn()
      })
    } catch (error) {
      pass.leave(key)
      throw error
    }
    this.#pass = pass
  }
}

/** Waits for what another step has begun: that one tells of its failure. */
async function onlyFirst(begun: Promise<void>, failed: string): Promise<void> {
  try {
    await begun
  } catch (error) {
    throw error instanceof Blocked ? error : new Blocked(failed)
  }
}
