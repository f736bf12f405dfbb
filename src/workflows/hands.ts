import type { Connected } from '../cluster/machine.js'
import type { Host } from '../host/host.js'
import type { AtWork } from '../host/run-scripts.js'
import { UserError } from '../lib/errors.js'

/** What a command does about other runs on its hosts. */
export type Turn =
  /** Looks, and tells whose hosts they are; a patient one waits for what is under way. */
  | { kind: 'look'; patient: boolean }
  /** Will change something: takes hosts over, now if another run is at work there or `first` says so, else when it applies. */
  | { kind: 'change'; epoch: string; words: string; first: boolean }

/** How long a look waits for a change of another run that is under way. */
const waitMs = 120_000

/** A run came between this one's look and its changes: what was seen is no longer so. */
export class ChangedHands extends Error {
  constructor(readonly others: readonly string[]) {
    super('another run changed hosts meanwhile')
    this.name = 'ChangedHands'
  }
}

/** Whose the hosts of a run are, from the first look until they are taken over. */
export class Hands {
  readonly #machines: readonly Connected[]
  readonly #seen: readonly AtWork[]
  readonly #turn: Turn
  #taken = false

  private constructor(machines: readonly Connected[], seen: readonly AtWork[], turn: Turn) {
    this.#machines = machines
    this.#seen = seen
    this.#turn = turn
  }

  /**
   * Whose the hosts are. Where another run is at work, a run that changes something takes all of them over, and a
   * run that looks waits until what is under way has ended.
   * @param asked what is known already, by host
   * Throws UserError('step') when it does not end.
   */
  static async look(
    machines: readonly Connected[],
    asked: ReadonlyMap<Host, AtWork>,
    turn: Turn,
  ): Promise<Hands> {
    const seen = await Promise.all(machines.map(({ host }) => asked.get(host) ?? host.atWork()))
    if (turn.kind === 'look') {
      if (!turn.patient) return new Hands(machines, seen, turn)
      const waited = await Promise.all(
        machines.map(({ host }, i) => (seen[i]?.busy ? host.atWork(waitMs) : seen[i])),
      )
      const still = machines.find((_, i) => waited[i]?.busy)
      if (still)
        throw new UserError('step', 'another run is at work', {
          host: still.host.name,
          why: `a change is under way for more than ${waitMs / 1000} s${workOf(waited[machines.indexOf(still)])}`,
          next: 'wait for it to end, and run again',
        })
      return new Hands(machines, seen, turn)
    }
    const hands = new Hands(machines, seen, turn)
    if (turn.first || seen.some(isOccupied)) await hands.#take(turn)
    return hands
  }

  /** Somebody was at work before this run's first look: what was seen until then may have changed since. */
  get stirred(): boolean {
    return this.#taken || this.#seen.some(isOccupied)
  }

  /** Whose the hosts were, a sentence for each host that another run had. */
  get others(): readonly { host: string; text: string }[] {
    const ended = this.#turn.kind === 'change'
    return tell(
      this.#machines,
      this.#seen,
      ended ? 'it changes nothing more there' : 'what is seen may change',
    )
  }

  /** Takes the hosts over, once. Throws ChangedHands when another run had one since the first look. */
  async take(): Promise<void> {
    if (this.#turn.kind !== 'change') throw new Error('a run that only looks takes nothing over')
    if (this.#taken) return
    this.#compare(await this.#take(this.#turn))
  }

  /** Of a run that will change something: throws ChangedHands when another run had a host since the first look. */
  async mustBeSame(): Promise<void> {
    if (this.#turn.kind === 'change' && !this.#taken)
      this.#compare(await Promise.all(this.#machines.map(({ host }) => host.atWork())))
  }

  async #take({ epoch, words }: Turn & { kind: 'change' }): Promise<AtWork[]> {
    // also hosts that will not change: an earlier run may still be at work there
    const before = await Promise.all(this.#machines.map(({ host }) => host.takeOver(epoch, words)))
    this.#taken = true
    return before
  }

  #compare(now: readonly AtWork[]): void {
    const same = now.every((one, i) => !isOccupied(one) && one.epoch === this.#seen[i]?.epoch)
    if (!same)
      throw new ChangedHands(
        tell(this.#machines, now, 'it began after this run').map(({ host, text }) => `${host}: ${text}`),
      )
  }
}

const isOccupied = ({ owner, busy }: AtWork): boolean => owner !== undefined || busy

/** What is at work, and whose it is, as far as it is known. */
function workOf(one: AtWork | undefined): string {
  const known = [one?.doing, one?.owner && `of ${one.owner}`].filter(Boolean)
  return known.length > 0 ? `: ${known.join(', ')}` : ''
}

function tell(
  machines: readonly Connected[],
  seen: readonly AtWork[],
  then: string,
): { host: string; text: string }[] {
  return machines.flatMap(({ host }, i) => {
    const one = seen[i]
    if (!one || !isOccupied(one)) return []
    const who = one.owner || 'a run of an earlier version'
    // a run that was killed may have left a change that goes on
    const state = one.busy
      ? `a change is under way${one.doing ? `, ${one.doing}` : ''}`
      : 'it was at work, or was killed'
    return [{ host: host.name, text: `another run had not ended here (${who}): ${state}; ${then}` }]
  })
}
