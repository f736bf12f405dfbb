/** A line is longer than any may be. */
export class LineTooLong extends Error {}

/** Takes a stream of bytes apart into lines. A character that is cut in two is whole again in its line. */
export class Lines {
  readonly #most: number
  #parts: Buffer[] = []
  #size = 0

  /** @param most bytes of one line */
  constructor(most: number) {
    this.#most = most
  }

  /** The lines that a piece completes, without their ends. Throws LineTooLong. */
  take(piece: Buffer): string[] {
    const lines: string[] = []
    let from = 0
    // no byte of a longer character of UTF-8 is a line feed
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      this.#keep(piece.subarray(from, end))
      lines.push(Buffer.concat(this.#parts).toString())
      this.#parts = []
      this.#size = 0
      from = end + 1
    }
    this.#keep(piece.subarray(from))
    return lines
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    if (this.#size > this.#most) throw new LineTooLong(`a line is longer than ${this.#most} bytes`)
    if (part.length > 0) this.#parts.push(part)
  }
}
