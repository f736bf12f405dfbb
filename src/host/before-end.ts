/** Passes on an output as it comes, and nothing from the mark on that ends it, however that is cut into chunks. */
export class BeforeEnd {
  #pending = Buffer.alloc(0)
  #ended = false
  readonly #mark: Buffer

  /** @param mark what the mark that ends this output begins with, its own line break included */
  constructor(mark: string) {
    this.#mark = Buffer.from(mark)
  }

  /** What of the chunk, and of what was held back before, is the script's. */
  push(chunk: Buffer): Buffer {
    if (this.#ended) return Buffer.alloc(0)
    const all = Buffer.concat([this.#pending, chunk])
    const at = all.indexOf(this.#mark)
    this.#ended = at >= 0
    const end = at < 0 ? all.length - this.#heldOf(all) : at
    this.#pending = this.#ended ? Buffer.alloc(0) : all.subarray(end)
    return all.subarray(0, end)
  }

  /** How much of the end may be the first part of the mark. */
  #heldOf(all: Buffer): number {
    for (let length = Math.min(all.length, this.#mark.length - 1); length > 0; length -= 1) {
      if (this.#mark.subarray(0, length).equals(all.subarray(all.length - length))) return length
    }
    return 0
  }
}
