import type { HttpClient } from './http.js'
import type { Json } from './json.js'
import { watchEvent } from './watch-event.js'
import { type Source, WatchedList } from './watched-list.js'

/** Watches at a time: each is a channel of one SSH connection, beside those of requests. */
const most = 3
/** After so many seconds a server ends a watch; it is begun anew then. */
const timeoutSeconds = 300
/** How much later it is given up, milliseconds. */
const graceMs = 10_000

/** Watched lists of a client, by path. What is asked for beyond as many watches as there may be is listed each time. */
export class WatchedLists {
  readonly #http: HttpClient
  readonly #list: (path: string) => ReturnType<Source['list']>
  readonly #now: () => number
  readonly #all = new Map<string, WatchedList>()
  #watches = 0

  constructor(http: HttpClient, list: (path: string) => ReturnType<Source['list']>, now: () => number) {
    this.#http = http
    this.#list = list
    this.#now = now
  }

  /** See WatchedList. @param path of a collection, with or without a query */
  look(path: string): Promise<readonly Json[]> {
    const list = this.#all.get(path) ?? this.#made(path)
    return list.look()
  }

  close(): void {
    for (const list of this.#all.values()) list.close()
    this.#all.clear()
  }

  #made(path: string): WatchedList {
    const list = new WatchedList(
      {
        list: () => this.#list(path),
        watch: (after, told, signal) => this.#watch(path, after, told, signal),
        now: this.#now,
      },
      () => this.#all.delete(path),
    )
    this.#all.set(path, list)
    return list
  }

  #watch: (path: string, ...rest: Parameters<Source['watch']>) => Promise<void> = async (
    path,
    after,
    told,
    signal,
  ) => {
    if (this.#watches >= most) return
    this.#watches += 1
    const query = `watch=1&resourceVersion=${after}&timeoutSeconds=${timeoutSeconds}`
    const watched = `${path}${path.includes('?') ? '&' : '?'}${query}`
    const asked = `GET ${watched}`
    try {
      await this.#http.follow(
        watched,
        {
          opened: told.opened,
          line: (line) => {
            const event = watchEvent(asked, line, 'the API server')
            if (event) told.event(event)
          },
        },
        AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1_000 + graceMs)]),
      )
    } finally {
      this.#watches -= 1
    }
  }
}
