import { color } from 'listr2'
import type { RunEvent } from '../engine/events.js'
import { continued, duration, indent } from './format.js'
import type { Style } from './live/line.js'
import { marksFor } from './live/marks.js'
import { LiveRun, type Terminal } from './live/run.js'
import type { Reporter } from './reporter.js'
import { tell } from './screen.js'

/**
 * A live view for a terminal: a line a phase, the slowest and the failed hosts, the last changes (live/frame.ts); around
 * it, and after its end, what there is to say in lines.
 */
export function treeReporter(terminal: Terminal = ownTerminal()): Reporter {
  let run: LiveRun | undefined
  const say = (text: string): void => {
    const lines = `${continued(text)}\n`
    if (run?.live) run.above(lines)
    else tell(lines)
  }
  return {
    on: (event) => {
      if (event.type === 'run-started') {
        void run?.end()
        run = new LiveRun(terminal, event)
      } else run?.on(event)
      const text = lineOf(event)
      if (text !== undefined) say(text)
    },
    close: async () => {
      await run?.end()
      run = undefined
    },
  }
}

function lineOf(event: RunEvent): string | undefined {
  if (event.type === 'message')
    return `${event.level === 'warning' ? 'warning: ' : ''}${event.host ? `${event.host}: ` : ''}${event.text}`
  if (event.type === 'check')
    return `  ${event.status === 'passed' ? '✔' : event.status === 'skipped' ? '-' : '✖'} ${event.name}${event.detail ? `: ${event.detail}` : ''} (${duration(event.ms)})${event.words ? `\n${indent(event.words, '    | ')}` : ''}`
  return undefined
}

const colours: Readonly<Record<Style, (text: string) => string>> = {
  plain: (text) => text,
  strong: color.bold,
  dim: color.dim,
  good: color.green,
  busy: color.cyan,
  bad: color.red,
  missed: color.yellow,
}

/** This process's own. Colours are listr2's, which leaves them out for NO_COLOR. */
function ownTerminal(): Terminal {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    paint: (style, text) => colours[style](text),
    marks: marksFor(process.env),
  }
}
