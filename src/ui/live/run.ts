import { Listr, ProcessOutput } from 'listr2'
import type { RunEvent } from '../../engine/events.js'
import { shownLine } from '../screen.js'
import type { Marks } from './marks.js'
import { RunModel } from './model.js'
import { WindowRenderer } from './renderer.js'
import { watch } from './watch.js'
import type { Paint } from './window.js'

/** A terminal, and how it is drawn on. */
export interface Terminal {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  paint: Paint
  marks: Marks
}

/**
 * A run on a terminal, from its first step to its last. listr2 has the phases as its tasks, each of which waits for the
 * run's end, starts the renderer and holds back what others write meanwhile. Its signal listeners are off, since its
 * own would end the process.
 */
export class LiveRun {
  readonly #model = new RunModel()
  #renderer: WindowRenderer | undefined
  readonly #unwatch: () => void
  readonly #shown: Promise<unknown>
  #settle = (): void => {}
  #zero: number
  #live = true

  constructor({ stdout, stderr, paint, marks }: Terminal, first: RunEvent & { type: 'run-started' }) {
    this.#zero = performance.now() - first.at
    this.#model.on(first)
    const over = new Promise<void>((resolve) => {
      this.#settle = resolve
    })
    const output = new ProcessOutput(stdout, stderr, { leaveEmptyLine: false })
    const list = new Listr(
      this.#model.phases.map(({ title }) => ({ title: shownLine(title), task: () => over })),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        renderer: WindowRenderer,
        rendererOptions: {
          model: this.#model,
          output,
          canvas: {
            size: () => ({ rows: stdout.rows, columns: stdout.columns }),
            write: (text) => output.toStdout(text, false),
          },
          paint,
          marks,
          now: () => performance.now() - this.#zero,
          onStart: (renderer) => {
            this.#renderer = renderer
          },
        },
      },
    )
    this.#shown = list.run()
    this.#unwatch = watch(stdout, {
      onChange: () => this.#renderer?.redraw(),
      onStop: () => this.#renderer?.leave(),
      onExit: () => this.#renderer?.abandon(),
    })
    if (this.#model.settled) void this.end()
  }

  /** Whether it is still drawn; afterwards the terminal is free. */
  get live(): boolean {
    return this.#live
  }

  on(event: RunEvent): void {
    // the run's own clock, read off its events
    this.#zero = performance.now() - event.at
    this.#model.on(event)
    if (this.#model.settled) void this.end()
    else if (this.#live) this.#renderer?.refresh()
  }

  /** Text that stays above what is drawn, on standard error. */
  above(text: string): void {
    this.#renderer?.above(text)
  }

  /** The summary takes the place of what is drawn. What has not ended was not reached. */
  async end(): Promise<void> {
    if (this.#live) {
      this.#live = false
      this.#model.end()
      this.#unwatch()
      this.#renderer?.end()
      this.#settle()
    }
    await this.#shown
  }
}
