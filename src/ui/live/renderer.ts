import { type ListrEventManager, ListrEventType, type ListrRenderer, type ProcessOutput } from 'listr2'
import { shown } from '../screen.js'
import { frame, summary } from './frame.js'
import type { Marks } from './marks.js'
import type { RunModel } from './model.js'
import { Pace } from './pace.js'
import { type Canvas, type Paint, Window } from './window.js'

export interface WindowOptions {
  model: RunModel
  output: ProcessOutput
  canvas: Canvas
  paint: Paint
  marks: Marks
  /** Milliseconds of the run. */
  now(): number
  /** Told which renderer listr2 has made, before it draws. */
  onStart(renderer: WindowRenderer): void
}

/**
 * A renderer of listr2 that draws a window instead of a tree. listr2's tasks are the phases; the hosts below them are
 * in the model, since a task a host costs a redraw of all of them. While it draws, listr2 holds back what others write.
 */
export class WindowRenderer implements ListrRenderer {
  static nonTTY = true
  static rendererOptions: WindowOptions
  static rendererTaskOptions: Record<string, never>
  readonly #options: WindowOptions
  readonly #window: Window
  readonly #pace: Pace
  #above: string[] = []
  #active = false
  #stale = false

  constructor(_tasks: unknown, options: WindowOptions, events: ListrEventManager) {
    this.#options = options
    this.#window = new Window(options.canvas, options.paint)
    this.#pace = new Pace(() => this.#draw())
    events.on(ListrEventType.SHOULD_REFRESH_RENDER, () => this.refresh())
  }

  render(): void {
    this.#options.output.hijack()
    this.#active = true
    this.#options.onStart(this)
    this.#pace.start()
  }

  /** Something has changed. */
  refresh(): void {
    this.#pace.request()
  }

  /** Text that stays above the window, on standard error. */
  above(text: string): void {
    this.#above.push(text)
    this.refresh()
  }

  /** The terminal has another size, or others wrote to it. */
  redraw(): void {
    this.#stale = true
    this.refresh()
  }

  /** Leaves the terminal to others for a while; `redraw` takes it back. */
  leave(): void {
    if (this.#active) this.#window.leave()
  }

  /** The summary takes the window's place. */
  end(): void {
    this.#close(() => {
      const { model, marks, now } = this.#options
      const { columns } = this.#size()
      this.#window.end(summary(model, { columns, marks, now: now() }))
    })
  }

  /** The process ends: the window stays as it is. */
  abandon(): void {
    this.#close(() => this.#window.leave())
  }

  #close(last: () => void): void {
    if (!this.#active) return
    this.#active = false
    this.#pace.stop()
    if (this.#stale) this.#window.resized(this.#size().columns)
    this.#flush()
    last()
    this.#options.output.release()
  }

  #draw(): void {
    const { model, marks, now } = this.#options
    const { rows, columns } = this.#size()
    if (this.#stale) this.#window.resized(columns)
    this.#stale = false
    this.#flush()
    this.#window.draw(frame(model, { rows, columns, marks, now: now() }))
  }

  #size(): { rows: number; columns: number } {
    const { rows, columns } = this.#options.canvas.size()
    return { rows: rows || defaults.rows, columns: columns || defaults.columns }
  }

  #flush(): void {
    if (this.#above.length === 0) return
    this.#window.clear()
    this.#options.output.toStderr(shown(this.#above.join('')), false)
    this.#above = []
  }
}

/** Of a terminal that does not tell its size. */
const defaults = { rows: 24, columns: 80 }
