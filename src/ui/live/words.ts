import { shownLine } from '../screen.js'

/** Longest text of a line: no screen is as wide. */
const longest = 1000

const known = new WeakMap<object, { raw: string; line: string }>()

/**
 * A text as it may be drawn, on one line. Masked as a whole before it is cut, since half a secret is not found; once for
 * each owner and text, since a host's words may be long and are drawn often.
 */
export function lineOf(owner: object, raw: string): string {
  const seen = known.get(owner)
  if (seen?.raw === raw) return seen.line
  const line = shownLine(raw)
    .slice(0, longest)
    .replace(/\p{Surrogate}/gu, '\ufffd')
  known.set(owner, { raw, line })
  return line
}

/** "12s", "2m05s", "1h02m" from milliseconds: whole seconds, so that a line changes once in one. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`
}

/** "1 phase", "2 phases" */
export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** A message with the title of its step before it, unless it names the step itself. */
export function named(title: string, message: string): string {
  return message.startsWith(`${title}:`) ? message : `${title}: ${message}`
}
