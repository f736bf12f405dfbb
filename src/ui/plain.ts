import type { Writable } from 'node:stream'
import type { RunEvent } from '../engine/events.js'
import { changeLine, continued, duration, indent, likelyCause } from './format.js'
import type { CommandShown, Reporter } from './reporter.js'
import { write } from './screen.js'

/** A step that runs longer than this says how far it is, about this often, milliseconds. */
const patience = 5_000

/**
 * Lines for a pipe or a CI log: what changed, what failed, and a sign of life from long steps.
 * @param verbose also what was as it should be, and each command on each host with its end and last words
 */
export function plainReporter(out: Writable, verbose = false): Reporter {
  const spoken = new Map<string, number>()
  const line = (at: number, text: string): void => {
    write(out, `[${duration(at).padStart(6)}] ${continued(text, '         ')}\n`)
  }
  return {
    on: (event) => {
      if (event.type === 'step-started') spoken.set(event.step.key, event.at)
      if (event.type === 'step-progress') {
        if (event.at - (spoken.get(event.step.key) ?? 0) < patience) return
        spoken.set(event.step.key, event.at)
      }
      const text = textOf(event, verbose)
      if (text !== undefined) line(event.at, text)
    },
    ...(verbose ? { onCommand: (record, at) => line(at, commandText(record)) } : {}),
    close: async () => {},
  }
}

function commandText({ host, type, what, end, ms, tail }: CommandShown): string {
  const head = `${host}: ${type === 'change' ? '$' : '?'} ${what} [${end}, ${duration(ms)}]`
  return tail ? `${head}\n${indent(tail, '         | ')}` : head
}

function textOf(event: RunEvent, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'message':
      return `${event.level === 'warning' ? 'warning: ' : ''}${event.host ? `${event.host}: ` : ''}${event.text}`
    case 'planned':
      return `${event.converged} steps up to date, ${event.changes} to change, ${event.unknown} known after apply${event.failed > 0 ? `, ${event.failed} could not be checked` : ''}`
    case 'step-progress':
      return `${event.step.target}: ${event.step.title}: ${event.text}`
    case 'step-waiting':
      return verbose ? `${event.step.target}: ${event.step.title}: waiting for its turn` : undefined
    case 'step-finished': {
      const { step, status } = event
      const head = `${step.target}: ${step.title}`
      if (status === 'ok') return verbose ? `${head}: up to date [${duration(event.ms)}]` : undefined
      if (status === 'changed')
        return `${head}: ${(event.changes ?? []).map(changeLine).join('; ') || 'changed'} [${duration(event.ms)}]`
      // counted at the end
      if (status === 'skipped' || status === 'blocked')
        return verbose
          ? `${head}: ${status === 'blocked' ? 'blocked' : 'not reached'}, ${event.reason}`
          : undefined
      const { message, why, cause, code } = event.error ?? { message: '' }
      const words = why ? `\n${indent(why, '         | ')}` : ''
      return `${head}: FAILED: ${message}${words}${cause ? `\n         ${likelyCause(cause, code)}` : ''}`
    }
    case 'check':
      return `${event.status === 'failed' ? 'FAILED ' : ''}${event.name}${event.detail ? `: ${event.detail}` : ''} [${event.status}, ${duration(event.ms)}]${event.words ? `\n${indent(event.words, '         | ')}` : ''}${event.cause ? `\n         ${likelyCause(event.cause, event.code)}` : ''}`
    default:
      return undefined
  }
}
