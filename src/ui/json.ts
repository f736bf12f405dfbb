import type { Writable } from 'node:stream'
import type { Reporter } from './reporter.js'
import { writeJson } from './screen.js'

/** One event a line, as documented in engine/events.ts; the last is `run-finished` with the summary. */
export function jsonReporter(out: Writable): Reporter {
  return {
    on: (event) => {
      writeJson(out, event)
    },
    close: async () => {},
  }
}
