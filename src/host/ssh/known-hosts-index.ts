import { canonicalName, type KnownHost, parseKnownHosts, withoutPort } from './known-hosts.js'

/** The entries of a known_hosts file by what they name: hundreds of hosts stand in it, and each asks for its own. */
export class KnownHostsIndex {
  readonly #file: string
  #text = ''
  #lines = 0
  #entries = 0
  /** Those that name hosts as they are, by each name, in their order. */
  readonly #byName = new Map<string, Placed[]>()
  /** Those that may name any: hashed, or with patterns. */
  readonly #others: Placed[] = []

  constructor(file: string) {
    this.#file = file
  }

  /** Whether this is an index of a file that begins as it does, which `add` brings up to date. */
  begins(text: string): boolean {
    if (text === this.#text || this.#text === '') return true
    return this.#text.endsWith('\n') && text.startsWith(this.#text)
  }

  /** Takes in what the file says now, of which only what is new is read. */
  add(text: string): void {
    if (text === this.#text) return
    const more = text.slice(this.#text.length)
    for (const entry of parseKnownHosts(more, this.#file, this.#lines)) this.#place(entry)
    this.#lines += more.split('\n').length - 1
    this.#text = text
  }

  /** Entries that may speak of this name, with its port or without, in the order of the file; whether they do `judge` tells. */
  about(name: string): KnownHost[] {
    const canonical = canonicalName(name)
    const bare = withoutPort(canonical)
    const own = [canonical, ...(bare === undefined ? [] : [bare])].flatMap(
      (one) => this.#byName.get(one) ?? [],
    )
    return [...new Set([...own, ...this.#others])].sort((a, b) => a.at - b.at).map(({ entry }) => entry)
  }

  #place(entry: KnownHost): void {
    const placed = { entry, at: this.#entries }
    this.#entries += 1
    if (/[*?!|]/.test(entry.names)) {
      this.#others.push(placed)
      return
    }
    for (const name of new Set(entry.names.split(',').map(canonicalName))) {
      const there = this.#byName.get(name)
      if (there) there.push(placed)
      else this.#byName.set(name, [placed])
    }
  }
}

interface Placed {
  entry: KnownHost
  at: number
}

const indexes = new Map<string, KnownHostsIndex>()

/** What a known_hosts file with this text says, read once for all hosts of a run, and again where it was changed. */
export function knownHostsIndex(file: string, text: string): KnownHostsIndex {
  const kept = indexes.get(file)
  const index = kept?.begins(text) ? kept : new KnownHostsIndex(file)
  indexes.set(file, index)
  index.add(text)
  return index
}
