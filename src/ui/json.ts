import type { Writable } from 'node:stream'
import { redact } from '../lib/secret.js'
import type { Reporter } from './reporter.js'

/** One event a line, as documented in engine/events.ts; the last is `run-finished` with the summary. */
export function jsonReporter(out: Writable): Reporter {
  return {
    on: (event) => {
      out.write(`${redact(JSON.stringify(event))}\n`)
    },
    close: async () => {},
  }
}
