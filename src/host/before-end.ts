import { startOfEnd } from './wire.js'

/** What the marks that end an output begin with: stderr's has a line break of its own before it. */
const first = Buffer.from(startOfEnd)
const withBreak = Buffer.concat([Buffer.from('\n'), first])

/** Passes on an output as it comes, and nothing from the mark on that ends it, however that is cut into chunks. */
export class BeforeEnd {
  #pending = Buffer.alloc(0)
  #ended = false

  /** What of the chunk, and of what was held back before, is the script's. */
  push(chunk: Buffer): Buffer {
    if (this.#ended) return Buffer.alloc(0)
    const all = Buffer.concat([this.#pending, chunk])
    const at = all.indexOf(first)
    this.#ended = at >= 0
    const held = at < 0 ? heldOf(all) : at > 0 && all[at - 1] === 10 ? all.length - at + 1 : all.length - at
    this.#pending = this.#ended ? Buffer.alloc(0) : all.subarray(all.length - held)
    return all.subarray(0, all.length - held)
  }
}

/** How much of the end may be the first part of a mark. */
function heldOf(all: Buffer): number {
  for (let length = Math.min(all.length, withBreak.length - 1); length > 0; length -= 1) {
    const end = all.subarray(all.length - length)
    if ([first, withBreak].some((mark) => mark.subarray(0, length).equals(end))) return length
  }
  return 0
}
