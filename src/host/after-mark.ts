/** How much of what came before the mark is kept for messages, bytes. */
const keptNoise = 4096

/**
 * Passes on what comes after a mark. Before it a login shell may print what it likes (motd, an `echo`
 * in .bashrc, sudo's lecture); none of that is an answer.
 */
export class AfterMark {
  #pending = Buffer.alloc(0)
  #noise = Buffer.alloc(0)
  #seen = false
  readonly #mark: Buffer

  constructor(mark: string) {
    this.#mark = Buffer.from(mark)
  }

  /** Whether the mark has come. */
  get seen(): boolean {
    return this.#seen
  }

  /** The beginning of what came before the mark, or instead of it. */
  get noise(): string {
    return Buffer.concat([this.#noise, this.#pending]).subarray(0, keptNoise).toString()
  }

  /** What of the chunk is an answer. */
  push(chunk: Buffer): Buffer {
    if (this.#seen) return chunk
    const all = Buffer.concat([this.#pending, chunk])
    const at = all.indexOf(this.#mark)
    // the end may be the first half of the mark
    const keep = at < 0 ? Math.max(0, all.length - this.#mark.length + 1) : at
    if (this.#noise.length < keptNoise) this.#noise = Buffer.concat([this.#noise, all.subarray(0, keep)])
    this.#pending = at < 0 ? all.subarray(keep) : Buffer.alloc(0)
    if (at < 0) return Buffer.alloc(0)
    this.#seen = true
    return all.subarray(at + this.#mark.length)
  }
}
