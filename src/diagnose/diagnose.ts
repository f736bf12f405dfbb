import { causes } from './catalogue.js'
import type { Cause } from './cause.js'

/** A cause that fits, with the words that showed it. */
export interface Diagnosis {
  id: string
  /** KSnnnn, for `kubestrap explain`. */
  code: string
  cause: string
  next: string
  /** The line it was read from. */
  line: string
  /** What the pattern's first group caught; of a container that ended its name. */
  caught: string
}

/**
 * The most probable cause of what was said; undefined when nothing in the catalogue fits. Looks at one line
 * at a time, from the last; where several causes fit the first of the catalogue wins. Pure.
 */
export function diagnose(said: string): Diagnosis | undefined {
  const lines = said.split('\n').reverse()
  for (const cause of causes) {
    const found = match(cause, lines)
    if (found) return found
  }
  return undefined
}

/** Every cause that fits, for tests: more than one specific cause for one text is a pattern too wide. */
export function matching(said: string): string[] {
  const lines = said.split('\n').reverse()
  return causes.filter((cause) => match(cause, lines) !== undefined).map(({ id }) => id)
}

function match(cause: Cause, lines: readonly string[]): Diagnosis | undefined {
  for (const line of lines) {
    if (cause.unless?.test(line)) continue
    for (const pattern of cause.patterns) {
      const found = pattern.exec(line)
      if (!found) continue
      const filled = (text: string): string => text.replace(/\{(\d)\}/g, (_, n) => found[Number(n)] ?? '')
      return {
        id: cause.id,
        code: cause.code,
        cause: filled(cause.cause),
        next: filled(cause.next),
        line: line.trim(),
        caught: found[1] ?? '',
      }
    }
  }
  return undefined
}
