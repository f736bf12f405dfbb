import { type Connected, isControlPlane } from '../cluster/machine.js'
import type { Host } from '../host/host.js'
import type { LockOwner } from '../host/run-lock.js'
import type { AtWork } from '../host/run-scripts.js'
import { UserError } from '../lib/errors.js'
import { ClusterLock, type LockRequest } from './cluster-lock.js'

/** What a command does about other runs on its hosts. */
export type Turn =
  /** Looks, and tells whose hosts they are; a patient one waits for what is under way. */
  | { kind: 'look'; patient: boolean }
  /**
   * Will change something: has the cluster's lock when it applies, or before it looks if `first` says so or if another run is
   * at work or did not end in peace. By `lock` it waits for a run that has it, or ends that.
   */
  | {
      kind: 'change'
      epoch: string
      words: string
      first: boolean
      lock?: Partial<Omit<LockRequest, 'epoch' | 'words'>>
    }

/** How long a look waits for a change of another run that is under way. */
const waitMs = 120_000

/** A run came between this one's look and its changes: what was seen is no longer so. */
export class ChangedHands extends Error {
  constructor(readonly others: readonly string[]) {
    super('another run changed hosts meanwhile')
    this.name = 'ChangedHands'
  }
}

/** Whose the hosts of a run are, from the first look on. */
export class Hands {
  readonly #machines: readonly Connected[]
  /** How many control planes the lock lies on, also those that were not reached. */
  readonly #planes: number
  readonly #turn: Turn
  #seen: readonly AtWork[]
  #lock: ClusterLock | undefined
  #stirred = false

  private constructor(machines: readonly Connected[], seen: readonly AtWork[], turn: Turn, planes: number) {
    this.#machines = machines
    this.#seen = seen
    this.#turn = turn
    this.#planes = planes
  }

  /**
   * Whose the hosts are. Where another run is at work, or did not end in peace, a run that changes something takes the lock
   * first, and all hosts over; a run that looks waits until what is under way has ended.
   * @param asked what is known already, by host
   * @param planes how many control planes the lock lies on. Default: those of `machines`
   * Throws UserError('step') when it does not end, or has the lock and is neither waited for nor taken over.
   */
  static async look(
    machines: readonly Connected[],
    asked: ReadonlyMap<Host, AtWork>,
    turn: Turn,
    planes = machines.filter(isControlPlane).length,
  ): Promise<Hands> {
    const seen = await Promise.all(machines.map(({ host }) => asked.get(host) ?? host.atWork()))
    if (turn.kind === 'look') {
      if (!turn.patient) return new Hands(machines, seen, turn, planes)
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
      return new Hands(machines, seen, turn, planes)
    }
    const hands = new Hands(machines, seen, turn, planes)
    if (turn.first || seen.some(isOccupied)) {
      hands.#stirred = true
      const lock = await hands.#hold(turn)
      await hands.#own(turn, lock, await hands.#atWork(lock))
    }
    return hands
  }

  /** Somebody was at work before this run's first look: what was seen until then may have changed since. */
  get stirred(): boolean {
    return this.#stirred || this.#seen.some(isOccupied)
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

  /** Why nothing more may be changed: another run has the cluster by now. */
  get lost(): UserError | undefined {
    return this.#lock?.lost
  }

  /**
   * Takes the lock, once; from then on a host is taken over by the first change there. Throws ChangedHands when another run had
   * one since the first look, UserError as ClusterLock.take does.
   */
  async take(): Promise<void> {
    const turn = this.#turn
    if (turn.kind !== 'change') throw new Error('a run that only looks takes nothing over')
    if (this.#lock) return
    const lock = await this.#hold(turn)
    const now = await this.#atWork(lock)
    const before = this.#seen
    await this.#own(turn, lock, now)
    this.#compare(before, now)
  }

  /** Of a run that will change something: throws ChangedHands when another run had a host since the first look. */
  async mustBeSame(): Promise<void> {
    if (this.#turn.kind === 'change' && !this.#lock)
      this.#compare(this.#seen, await Promise.all(this.#machines.map(({ host }) => host.atWork())))
  }

  /**
   * This run makes a host go away, and it comes back: its share of the lock counts as had meanwhile.
   * @returns what to call when it has come back
   */
  expectAbsence(host: Host): () => Promise<void> {
    return this.#lock?.expectAbsence(host) ?? (async () => {})
  }

  async #hold({ epoch, words, lock = {} }: Turn & { kind: 'change' }): Promise<ClusterLock> {
    const planes = this.#machines.filter(isControlPlane)
    this.#lock = await ClusterLock.take(
      { planes, of: Math.max(this.#planes, planes.length) },
      { takeOver: false, ...lock, epoch, words },
    )
    return this.#lock
  }

  /** Who is at work besides this run, which has the lock. */
  #atWork({ left }: ClusterLock): Promise<AtWork[]> {
    return Promise.all(
      this.#machines.map(async ({ host }): Promise<AtWork> => {
        const { run, ...now } = await host.atWork()
        return withRun(now, left.get(host))
      }),
    )
  }

  /**
   * Makes the hosts this run's: where the last run ended in peace, each before the first change there; else all at once, also
   * those that will not change: what the last run sent may still be on its way there.
   */
  async #own(
    { epoch, words }: Turn & { kind: 'change' },
    lock: ClusterLock,
    now: readonly AtWork[],
  ): Promise<void> {
    this.#seen = now
    if (now.some(isOccupied))
      this.#seen = await Promise.all(
        this.#machines.map(async ({ host }) => {
          const { run, ...before } = await host.takeOver(epoch, words)
          return withRun(before, lock.left.get(host))
        }),
      )
    else
      for (const [i, { host }] of this.#machines.entries()) host.takeOverLater(epoch, words, now[i] ?? nobody)
    lock.settle()
  }

  #compare(before: readonly AtWork[], now: readonly AtWork[]): void {
    const same = now.every((one, i) => !isOccupied(one) && one.epoch === before[i]?.epoch)
    if (!same)
      throw new ChangedHands(
        tell(this.#machines, now, 'it began after this run').map(({ host, text }) => `${host}: ${text}`),
      )
  }
}

const nobody: AtWork = { epoch: '', owner: undefined, busy: false }

/** With the run that had the lock before. */
const withRun = (one: AtWork, run: LockOwner | undefined): AtWork =>
  run ? { ...one, run: { ...run, held: false } } : one

const isOccupied = ({ owner, busy, run }: AtWork): boolean => owner !== undefined || busy || run !== undefined

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
    const who = one.owner || one.run?.words || 'a run of an earlier version'
    // a run that was killed may have left a change that goes on
    const state = one.busy
      ? `a change is under way${one.doing ? `, ${one.doing}` : ''}`
      : one.run?.held
        ? 'it is at work'
        : 'it was at work, or was killed'
    return [{ host: host.name, text: `another run had not ended here (${who}): ${state}; ${then}` }]
  })
}
