import { redact } from '../lib/secret.js'
import type { Outcome } from './connection.js'

/** One thing a host was told or asked, for the log. Holds no arguments and no stdin: values travel there. */
export interface CommandRecord {
  type: 'change' | 'question'
  host: string
  /** Its own name, or the first line of its script, which is constant text. */
  what: string
  /** Absent when it was killed or lost; `end` says how. */
  exitCode?: number
  end: string
  ms: number
  /** Its last words: of a change all it said, of a question what it complained of, unless it asks for more. */
  tail?: string
}

export type OnCommand = (record: CommandRecord) => void

/** What to call a command: the name it has, or the first line of its script. */
export function nameOf({ what, script }: { what?: string; script: string }): string {
  if (what !== undefined) return what
  const line = script
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '' && !one.startsWith('#'))
  return (line ?? '').slice(0, 80)
}

/** A stopwatch for one command: call it with how the command ended. */
export function recorder(
  host: string,
  onCommand: OnCommand | undefined,
): (type: CommandRecord['type'], outcome: Outcome, what: () => string, tail: () => string) => void {
  const began = performance.now()
  return (type, outcome, what, tail) => {
    if (!onCommand) return
    const words = tail()
    onCommand({
      type,
      host,
      what: what(),
      ...(outcome.kind === 'exited' ? { exitCode: outcome.code } : {}),
      end: endOf(outcome),
      ms: Math.round(performance.now() - began),
      ...(words === '' ? {} : { tail: words }),
    })
  }
}

function endOf(outcome: Outcome): string {
  if (outcome.kind === 'exited') return `exit ${outcome.code}`
  return outcome.kind === 'killed' ? `killed: ${outcome.signal}` : 'lost'
}

/** The last lines of all a command said, as far as it came, without secrets. */
export function wordsOf(outcome: Outcome, count = 20): string {
  const text =
    outcome.kind === 'lost' ? outcome.reason : [outcome.stderr, outcome.stdout.toString()].join('\n')
  return redact(lastLines(text, count))
}

/** The last lines of a text, without the empty ones around it. */
export function lastLines(text: string, count = 20): string {
  return text.trim().split('\n').slice(-count).join('\n')
}
