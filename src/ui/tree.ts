import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2'
import type { RunEvent, StepRef } from '../engine/events.js'
import { changeLine, continued, duration, indent } from './format.js'
import type { Reporter } from './reporter.js'
import { shown, tell } from './screen.js'

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>

/** One line of the tree: a phase on one target. */
class Line {
  readonly done: Promise<void>
  #resolve: () => void = () => {}
  #reject: (error: Error) => void = () => {}
  readonly waiting: Set<string>
  readonly #all: number
  task: Wrapper | undefined
  #changed = 0
  #failed: string | undefined
  #skipped = false
  /** Between them this line was at work, milliseconds of the run. */
  span: { from: number; to: number } | undefined

  constructor(
    readonly target: string,
    steps: readonly StepRef[],
  ) {
    this.waiting = new Set(steps.map((step) => step.key))
    this.#all = steps.length
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.done.catch(() => {})
  }

  on(event: RunEvent): void {
    if (event.type === 'step-started') {
      this.span ??= { from: event.at, to: event.at }
      this.#say(event.step.title)
    } else if (event.type === 'step-progress') this.#say(`${event.step.title}: ${event.text}`)
    else if (event.type === 'step-finished') this.#finish(event)
  }

  /** How far it is and for how long it has been at work. */
  show(at: number): void {
    if (!this.task || (!this.span && this.waiting.size > 0)) return
    const done = this.#all - this.waiting.size
    const time = this.span ? `  ${duration(at - this.span.from)}` : ''
    this.task.title = `${shown(this.target)}  ${done}/${this.#all}${this.#changed ? `, ${this.#changed} changed` : ''}${time}`
  }

  #say(text: string): void {
    if (this.task) this.task.output = shown(text)
  }

  #finish(event: RunEvent & { type: 'step-finished' }): void {
    this.waiting.delete(event.step.key)
    if (event.status === 'changed') this.#changed += 1
    if (event.status === 'changed') this.#say((event.changes ?? []).map(changeLine).join('; '))
    if (event.status === 'failed') this.#failed ??= `${event.step.title}: ${event.error?.message}`
    if (event.status === 'skipped' || event.status === 'blocked') this.#skipped = true
    if (this.span) this.span.to = event.at
    this.show(event.at)
    if (this.waiting.size > 0) return
    if (this.#failed) this.#reject(new Error(shown(this.#failed)))
    else if (this.#skipped) this.task?.skip(shown(`${this.target}: not reached`))
    this.#resolve()
  }
}

/**
 * A live tree for a terminal: a branch a phase, a line a target, elapsed times, what is being done.
 * listr2 only draws: each of its tasks waits for events. Its signal listeners are off, since its
 * own would end the process.
 */
export function treeReporter(): Reporter {
  const lines = new Map<string, Line>()
  // the run's own clock, read off its events
  let zero = 0
  const now = (): number => performance.now() - zero
  const ticking = setInterval(() => {
    for (const line of lines.values()) if (line.waiting.size > 0) line.show(now())
  }, 500)
  ticking.unref()
  let drawn: Promise<unknown> | undefined
  const say = (text: string): void => tell(`${continued(text)}\n`)
  const begin = (event: RunEvent & { type: 'run-started' }): void => {
    const branches = event.phases.flatMap((phase) => {
      const steps = event.steps.filter((step) => step.phase === phase.id)
      const targets = [...new Set(steps.map((step) => step.target))]
      const of = targets.map((target) => {
        const line = new Line(
          target,
          steps.filter((step) => step.target === target),
        )
        lines.set(`${phase.id} ${target}`, line)
        return line
      })
      return of.length === 0 ? [] : [{ title: phase.title, of }]
    })
    const list = new Listr(
      branches.map(({ title, of }) => ({
        title,
        task: (_context, parent) => {
          Promise.all(of.map((line) => line.done)).then(
            () => {
              const spans = of.flatMap((line) => line.span ?? [])
              if (spans.length > 0)
                parent.title = `${title}  ${duration(Math.max(...spans.map(({ to }) => to)) - Math.min(...spans.map(({ from }) => from)))}`
            },
            () => {},
          )
          return parent.newListr(
            of.map((line) => ({
              title: shown(line.target),
              task: (_inner: unknown, task: Wrapper) => {
                line.task = task
                return line.done
              },
            })),
            { concurrent: true, exitOnError: false, rendererOptions: { collapseSubtasks: true } },
          )
        },
      })),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        collectErrors: false,
        rendererOptions: { collapseErrors: false, formatOutput: 'truncate' },
        fallbackRenderer: 'simple',
      },
    )
    drawn = list.run().catch(() => {})
  }
  return {
    on: (event) => {
      zero = performance.now() - event.at
      if (event.type === 'run-started') begin(event)
      // between the lines of a tree there is no room for others; after its end there is
      else if (event.type === 'message' && [...lines.values()].every((line) => line.waiting.size === 0))
        say(
          `${event.level === 'warning' ? 'warning: ' : ''}${event.host ? `${event.host}: ` : ''}${event.text}`,
        )
      else if (event.type === 'check')
        say(
          `  ${event.status === 'passed' ? '✔' : event.status === 'skipped' ? '-' : '✖'} ${event.name}${event.detail ? `: ${event.detail}` : ''} (${duration(event.ms)})${event.words ? `\n${indent(event.words, '    | ')}` : ''}`,
        )
      else if ('step' in event) lines.get(`${event.step.phase} ${event.step.target}`)?.on(event)
    },
    close: async () => {
      await drawn
      clearInterval(ticking)
      drawn = undefined
    },
  }
}
