import { isBug } from '../../lib/errors.js'
import { nameOf, textAt } from '../read.js'
import type { Json } from './json.js'
import type { WatchEvent } from './watch-event.js'

/** Where objects come from. */
export interface Source {
  /** LIST: the objects, and the version of the cluster's data they are of; undefined where it tells none. */
  list(): Promise<{ items: readonly Json[]; version: bigint | undefined }>
  /** WATCH: what happens after a version, until it is over for whatever reason. */
  watch(after: bigint, told: Told, signal: AbortSignal): Promise<void>
  /** Milliseconds. */
  now(): number
}

export interface Told {
  /** The server has agreed. */
  opened(): void
  event(event: WatchEvent): void
}

/** How often it is looked anew where a watch is open: it may be silent, and nobody waits forever for a word of it. */
const relistMs = 5_000
/** How often without one: the longer the list is, the rarer; and rarer where there is none to be had. */
const everyMs = 200
const everyMsPerObject = 4
const everyMsForLong = 1_000
/** How long after the last question a watch is kept. */
const restMs = 5_000
/** From the beginning of a watch to that of the next, at least; and where watches tell nothing. */
const againMs = { least: 1_000, most: 64_000 }

interface Watch {
  stop: AbortController
  open: boolean
  /** Whether it has told anything since the last LIST. */
  told: boolean
}

/**
 * Objects of an API for those who wait for what others bring about and ask again and again. Who asks once has cost one LIST.
 * From the second LIST on a WATCH goes on from it, and answers come from memory; they are believed for a few seconds,
 * then it is listed anew: nothing depends on the watch but how quick and how cheap it is. An answer never goes back behind
 * an earlier one. While no watch is open it is listed every time, but not more often than `everyMs` allows.
 */
export class WatchedList {
  readonly #source: Source
  readonly #atRest: () => void
  #objects = new Map<string, Json>()
  /** The same, until something changes. */
  #view: readonly Json[] | undefined
  #version = 0n
  /** Events since the LIST that is under way was asked for. */
  #since: WatchEvent[] = []
  #listing: Promise<readonly Json[]> | undefined
  #listedAt = Number.NEGATIVE_INFINITY
  #lists = 0
  #watch: Watch | undefined
  #nextWatchAt = Number.NEGATIVE_INFINITY
  /** Watches in a row that told nothing. */
  #silent = 0
  #bug: unknown
  #rest: NodeJS.Timeout | undefined
  #closed = false

  /** @param atRest called when nobody has asked for a while: its watch has ended */
  constructor(source: Source, atRest: () => void) {
    this.#source = source
    this.#atRest = atRest
  }

  /** What is there, not older than a few seconds. Rejects as a LIST does. */
  async look(): Promise<readonly Json[]> {
    if (this.#bug !== undefined) throw this.#bug
    this.#restart()
    if (this.#listing) return this.#listing
    if (this.#source.now() - this.#listedAt < this.#paceMs()) return this.#seen()
    this.#since = []
    this.#listing = this.#list(this.#source.now()).finally(() => {
      this.#listing = undefined
    })
    return this.#listing
  }

  /** Ends its watch. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#rest)
    this.#end()
  }

  async #list(asked: number): Promise<readonly Json[]> {
    const { items, version } = await this.#source.list()
    const before = this.#objects
    this.#objects = new Map(items.map((item) => [keyOf(item), item]))
    this.#version = version ?? 0n
    for (const event of this.#since) this.#take(event)
    this.#view = undefined
    this.#listedAt = asked
    this.#lists += 1
    // a proxy keeps its words back, or it is broken: what it may still tell is not waited for
    if (this.#watch?.open && !this.#watch.told && differs(before, this.#objects)) {
      this.#end()
      this.#nextWatchAt = asked + againMs.most
    }
    if (this.#watch) this.#watch.told = false
    else if (!this.#closed && version !== undefined && this.#lists > 1 && asked >= this.#nextWatchAt)
      this.#begin(version, asked)
    return this.#seen()
  }

  #paceMs(): number {
    if (this.#watch?.open) return relistMs
    return Math.max(this.#silent > 1 ? everyMsForLong : everyMs, this.#objects.size * everyMsPerObject)
  }

  #seen(): readonly Json[] {
    this.#view ??= [...this.#objects.values()]
    return this.#view
  }

  #begin(version: bigint, now: number): void {
    const watch: Watch = { stop: new AbortController(), open: false, told: false }
    this.#watch = watch
    this.#nextWatchAt = now + Math.min(againMs.most, againMs.least * 2 ** this.#silent)
    this.#silent += 1
    const told: Told = {
      opened: () => {
        watch.open = true
      },
      event: (event) => {
        if (this.#watch !== watch) return
        watch.told = true
        this.#silent = 0
        if (this.#listing) this.#since.push(event)
        this.#take(event)
      },
    }
    this.#source
      .watch(version, told, watch.stop.signal)
      .catch((error: unknown) => {
        if (isBug(error)) this.#bug = error
      })
      .finally(() => {
        if (this.#watch === watch) this.#watch = undefined
      })
  }

  /** What is of before the last LIST is in it. */
  #take({ kind, object, version }: WatchEvent): void {
    if (version <= this.#version) return
    if (kind === 'is') this.#objects.set(keyOf(object), object)
    else this.#objects.delete(keyOf(object))
    this.#view = undefined
  }

  #end(): void {
    this.#watch?.stop.abort()
    this.#watch = undefined
  }

  #restart(): void {
    if (this.#rest) this.#rest.refresh()
    else {
      this.#rest = setTimeout(() => {
        this.close()
        this.#atRest()
      }, restMs)
      this.#rest.unref()
    }
  }
}

const keyOf = (object: Json): string => `${textAt(object, 'metadata', 'namespace')}/${nameOf(object)}`

function differs(a: ReadonlyMap<string, Json>, b: ReadonlyMap<string, Json>): boolean {
  const version = (object: Json | undefined): string => textAt(object, 'metadata', 'resourceVersion')
  return a.size !== b.size || [...b].some(([key, object]) => version(a.get(key)) !== version(object))
}
