import { likelyCause } from '../format.js'
import { shown, shownLine } from '../screen.js'
import type { Line } from './line.js'
import type { Marks } from './marks.js'
import type { Failure, RunModel } from './model.js'
import { broken } from './width.js'
import { named } from './words.js'

/** Lines of one message. */
const longest = 3
/** The last of a machine's words. */
const lastWords = 6

/** A failure in texts that may be drawn. */
interface Told {
  what: string
  why: readonly string[]
  cause: string | undefined
  next: string | undefined
}

/** Told once: a machine's words may be long, and are drawn often. */
const told = new WeakMap<Failure, Told>()

function tell(failure: Failure): Told {
  const seen = told.get(failure)
  if (seen) return seen
  const { target, title, error } = failure
  const lines = shown(error.why ?? '').split('\n')
  const one = {
    what: shownLine(`${target}: ${named(title, error.message)}`),
    why: lines
      .filter((line) => line.trim() !== '')
      .slice(-lastWords)
      .map(shownLine),
    cause: error.cause && shownLine(likelyCause(error.cause, error.code)),
    next: error.next && shownLine(error.next),
  }
  told.set(failure, one)
  return one
}

/**
 * The first failure of a run in at most `room` lines: what failed, the last of the machine's words, the likely cause,
 * what to do next, how many more there are. What there is no room for is left out in the order words, how many, cause.
 */
export function failureLines(model: RunModel, room: number, columns: number, marks: Marks): Line[] {
  const { failure, failed } = model
  if (!failure || room <= 0) return []
  const { what, why, cause, next } = tell(failure)
  const wide = Math.max(1, columns - 2)
  const optional = (text: string | undefined): string[] =>
    text === undefined ? [] : broken(text, wide, longest)
  const nextLines = optional(next && `${marks.next} ${next}`)
  const head = broken(what, wide, Math.max(1, Math.min(longest, room - nextLines.length)))
  let left = room - head.length
  const take = (lines: readonly string[]): string[] => {
    const taken = left >= lines.length ? [...lines] : []
    left -= taken.length
    return taken
  }
  const lastly = take(nextLines)
  const likely = take(optional(cause))
  const more = take(failed > 1 ? [`and ${failed - 1} more failed`] : [])
  return [
    ...head.map((text, i): Line => [[`${i === 0 ? marks.of.failed : ' '} ${text}`, 'bad']]),
    ...(left > 0 ? why.slice(-left) : []).map((text): Line => [[`  | ${text}`, 'dim']]),
    ...[...likely, ...lastly].map((text): Line => [[`  ${text}`, 'strong']]),
    ...more.map((text): Line => [[`  ${text}`, 'dim']]),
  ]
}
