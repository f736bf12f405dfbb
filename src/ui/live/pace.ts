/** Between two drawings, milliseconds: ten a second. */
const least = 100
const most = 1000
/** Drawing takes one part in so many of the time: a slow terminal gets fewer drawings. */
const share = 25

/**
 * Draws when something has changed and once a second, at most ten times a second, and never so often that drawing
 * takes more than 4 % of the time. Keeps no process alive.
 */
export class Pace {
  readonly #draw: () => void
  #timer: NodeJS.Timeout | undefined
  #ticking: NodeJS.Timeout | undefined
  /** Before this moment nothing is drawn. */
  #next = 0

  constructor(draw: () => void) {
    this.#draw = draw
  }

  start(): void {
    this.#ticking ??= setInterval(() => this.request(), most).unref()
    this.request()
  }

  /** Something has changed. */
  request(): void {
    if (this.#timer || !this.#ticking) return
    this.#timer = setTimeout(() => this.now(), Math.max(0, this.#next - performance.now())).unref()
  }

  /** Draws at once. */
  now(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const began = performance.now()
    this.#draw()
    const took = performance.now() - began
    this.#next = began + Math.min(most, Math.max(least, took * share))
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#ticking)
    this.#timer = undefined
    this.#ticking = undefined
  }
}
