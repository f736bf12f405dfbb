import { setTimeout as pause } from 'node:timers/promises'
import type { Connected } from '../cluster/machine.js'
import type { Host } from '../host/host.js'
import { type Holding, type LockOwner, silentMs } from '../host/run-lock.js'
import { afterTakeOver, UserError } from '../lib/errors.js'

/** Who wants the lock, and what it does about another run that has it. */
export interface LockRequest extends LockOwner {
  /** Ends a run that has it. */
  takeOver: boolean
  /** How long it waits for another run's end, ms; absent: it refuses at once. */
  waitMs?: number | undefined
  /** Told of the run that is waited for. */
  onWaiting?: ((owner: string) => void) | undefined
  /** Ends the waiting. */
  signal?: AbortSignal | undefined
}

/** The control planes that the lock lies on. */
export interface LockPlaces {
  /** Those that were reached. */
  planes: readonly Connected[]
  /** How many there are: those of the inventory that are neither declared down nor given up. */
  of: number
}

/** Control planes that must have a run's lock, of so many. Of none: none. */
export const majorityOf = (all: number): number => (all === 0 ? 0 : Math.floor(all / 2) + 1)

/** Between two tries to have a share back. */
const againMs = 1_000
/** How long a host that has come back may take to give its share again. */
const backMs = 30_000
/** How often the owner is told while it is waited for. */
const tellEveryMs = 30_000

/** How long a share counts after its host was last heard of: no host gives it to another that soon. */
const freshMs = (silentMs * 2) / 3

/** What is known of one control plane's share. */
type Share =
  | { is: 'ours'; holding: Holding }
  | { is: 'other'; owner: LockOwner }
  /** `heardAt`: when it was last known to be ours, by performance.now(). */
  | { is: 'unknown'; why: string; heardAt: number }

/**
 * One lock for the cluster: its run has it on more than half of the control planes. Neither the API nor a clock of another
 * machine is asked. It is free when its owner has ended, a short time after the owner fell silent, or when it is taken over. A run
 * that has lost it, or does not know any more that it has it, is told by `lost`, before another can have it for silence.
 */
export class ClusterLock {
  /** Runs that had a share before and ended without a farewell, or were ended, by host. */
  readonly left: ReadonlyMap<Host, LockOwner>
  readonly #request: LockRequest
  readonly #of: number
  readonly #shares: Map<Host, Share>
  /** Hosts that this run itself makes go away, and that come back. */
  readonly #expected = new Set<Host>()

  private constructor(request: LockRequest, of: number, shares: Map<Host, Share>) {
    this.#request = request
    this.#of = of
    this.#shares = shares
    this.left = new Map(
      [...shares].flatMap(([host, share]) =>
        share.is === 'ours' && share.holding.left ? [[host, share.holding.left] as const] : [],
      ),
    )
    for (const [host, share] of shares) if (share.is === 'ours') void this.#keep(host, share.holding)
  }

  /**
   * Takes it. Throws UserError: 'step' with the name of the run that has it and was not waited for, or for too long,
   * 'connection' when too few control planes can be asked, 'interrupted'.
   */
  static async take({ planes, of }: LockPlaces, request: LockRequest): Promise<ClusterLock> {
    const deadline = Date.now() + (request.waitMs ?? 0)
    let [told, toldAt] = ['', 0]
    for (;;) {
      const shares = await sharesOf(planes, request)
      if (count(shares, 'ours') >= majorityOf(of)) return new ClusterLock(request, of, shares)
      await Promise.all([...shares.values()].map((share) => share.is === 'ours' && share.holding.letGo()))
      const owner = ownerIn(shares)
      if (!owner) throw tooFew(shares, of)
      if (Date.now() >= deadline) throw refused(owner, request.waitMs)
      if (told !== owner.words || Date.now() - toldAt > tellEveryMs) {
        ;[told, toldAt] = [owner.words, Date.now()]
        request.onWaiting?.(owner.words)
      }
      // by chance, or two that begin at once would be in each other's way for ever
      await pause(againMs * (0.5 + Math.random()), undefined, { signal: request.signal }).catch(() => {
        throw new UserError('interrupted', 'interrupted while waiting for another run', {
          why: owner.words,
          next: 'nothing was changed; run again',
        })
      })
    }
  }

  /** Why nothing more may be changed; undefined while this run has it. */
  get lost(): UserError | undefined {
    const need = majorityOf(this.#of)
    const now = performance.now()
    const fresh = [...this.#shares].filter(
      ([host, share]) => now - heardAt(share) < freshMs || (share.is !== 'other' && this.#expected.has(host)),
    )
    if (fresh.length >= need) return undefined
    const owner = ownerIn(this.#shares)
    if (owner)
      return new UserError('step', 'another run has taken over the cluster', {
        why: owner.words,
        next: afterTakeOver,
        endsRun: true,
        takenOverBy: owner.words,
      })
    return new UserError('step', 'the lock of the cluster is lost', {
      why: reasonsIn(this.#shares),
      next: `run again when ${need} of ${this.#of} control plane nodes can be reached`,
      endsRun: true,
    })
  }

  /** The hosts are taken over: what the last owner left need not be told to the next. */
  settle(): void {
    for (const share of this.#shares.values()) if (share.is === 'ours') share.holding.settle()
  }

  /**
   * From now on a host may be silent for long, as this run reboots it: its share counts as had meanwhile. A reboot forgets who
   * had it, and whoever else takes it in the moment after the boot has no other share: those are this run's.
   * @returns what to call when the host has come back: resolves when the share is had again, or is another run's
   */
  expectAbsence(host: Host): () => Promise<void> {
    const before = this.#shares.get(host)
    this.#expected.add(host)
    return async () => {
      const called = performance.now()
      const isAway = (): boolean => {
        const share = this.#shares.get(host)
        // by the line of before the host is heard of as long as that has not been noticed to be lost
        return (
          share?.is === 'unknown' || (share?.is === 'ours' && share === before && heardAt(share) < called)
        )
      }
      while (isAway() && performance.now() < called + backMs)
        await pause(againMs / 4, undefined, { ref: false })
      this.#expected.delete(host)
    }
  }

  /** As long as this run lasts: a share whose line was lost is taken again, unless another run may have had it meanwhile. */
  async #keep(host: Host, first: Holding): Promise<void> {
    let holding = first
    while (!(await holding.ended)) {
      const last = holding.heardAt()
      this.#shares.set(host, unknown('the connection was lost', last))
      let share: Share | undefined
      do {
        await pause(againMs, undefined, { ref: false })
        share = await shareOf(host, { ...this.#request, takeOver: false }, last)
      } while (share?.is === 'unknown')
      if (!share) return
      const isLate = performance.now() - last >= freshMs && !this.#expected.has(host)
      if (share.is === 'ours' && (share.holding.left || isLate)) {
        await share.holding.letGo()
        share = unknown('the connection was lost for too long')
      }
      this.#shares.set(host, share)
      if (share.is !== 'ours') return
      holding = share.holding
    }
  }
}

/**
 * Asks every control plane for its share: first that whose name comes first, so that of two runs that begin at once one
 * has it everywhere.
 */
async function sharesOf(planes: readonly Connected[], request: LockRequest): Promise<Map<Host, Share>> {
  const [first, ...rest] = [...planes]
    .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1))
    .map(({ host }) => host)
  const shares = new Map<Host, Share>()
  const ask = async (host: Host): Promise<void> => {
    shares.set(host, (await shareOf(host, request)) ?? unknown('the connection was closed'))
  }
  if (!first) return shares
  await ask(first)
  await Promise.all(rest.map(ask))
  return shares
}

const never = Number.NEGATIVE_INFINITY
const unknown = (why: string, heardAt = never): Share => ({ is: 'unknown', why, heardAt })

const heardAt = (share: Share | undefined): number =>
  share?.is === 'ours' ? share.holding.heardAt() : share?.is === 'unknown' ? share.heardAt : never

/** Undefined: this run has let go of the host. @param last when it was last known to be ours */
async function shareOf(
  host: Host,
  { epoch, words, takeOver }: LockRequest,
  last?: number,
): Promise<Share | undefined> {
  if (host.closed) return undefined
  try {
    const answer = await host.hold({ epoch, words, take: takeOver })
    return answer.kind === 'held' ? { is: 'ours', holding: answer } : { is: 'other', owner: answer.owner }
  } catch (error) {
    if (host.closed) return undefined
    if (!(error instanceof UserError)) throw error
    return unknown([error.message, error.why].filter(Boolean).join(': '), last)
  }
}

const count = (shares: ReadonlyMap<Host, Share>, what: Share['is']): number =>
  [...shares.values()].filter(({ is }) => is === what).length

const ownerIn = (shares: ReadonlyMap<Host, Share>): LockOwner | undefined =>
  [...shares.values()].flatMap((share) => (share.is === 'other' ? [share.owner] : []))[0]

/** Why shares are not had, a line each. */
function reasonsIn(shares: ReadonlyMap<Host, Share>): string {
  const reasons = [...shares].map(([{ name }, share]): string | undefined => {
    if (share.is === 'unknown') return `${name}: ${share.why}`
    const silent = share.is === 'ours' ? performance.now() - share.holding.heardAt() : 0
    return silent < freshMs ? undefined : `${name}: no answer for ${Math.round(silent / 1000)} s`
  })
  return reasons.filter((reason) => reason !== undefined).join('\n')
}

const refused = ({ words }: LockOwner, waited: number | undefined): UserError =>
  new UserError('step', `another run holds the cluster: ${words || 'it did not say who it is'}`, {
    ...(waited === undefined ? {} : { why: `waited ${Math.round(waited / 1000)} s for its end` }),
    next: 'nothing was changed; --wait 10m waits for its end, --take-over ends it: it changes nothing more then',
  })

function tooFew(shares: ReadonlyMap<Host, Share>, of: number): UserError {
  const reasons = reasonsIn(shares)
  return new UserError(
    'connection',
    `${count(shares, 'ours')} of ${of} control plane nodes can be locked, and a run that changes something needs ${majorityOf(of)}`,
    {
      ...(reasons === '' ? {} : { why: reasons }),
      next: 'nothing was changed; start the others, or give those that are lost state: down in the inventory',
    },
  )
}
