import type { Context } from '../cluster/context.js'
import { UserError } from '../lib/errors.js'
import type { Check, Problem } from './check.js'
import type { Closer } from './closer.js'

export interface Finding extends Problem {
  check: string
  ignored: boolean
}

/**
 * Runs every check and tells all problems at once.
 * @param ignore names of checks whose errors become warnings, in any case; "all" for every one
 * Throws UserError('usage') for a name no check has.
 */
export function runChecks(
  context: Context,
  closer: Closer,
  checks: readonly Check[],
  ignore: readonly string[],
): Finding[] {
  const ignored = new Set(ignore.map((name) => name.toLowerCase()))
  const known = new Set(['all', ...checks.map((check) => check.name.toLowerCase())])
  const unknown = [...ignored].filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new UserError('usage', `unknown preflight check: ${unknown.join(', ')}`, {
      next: `known: ${checks.map((check) => check.name).join(', ')}`,
    })
  return checks.flatMap((check) =>
    check.run(context, closer).map((problem) => ({
      ...problem,
      check: check.name,
      ignored: ignored.has('all') || ignored.has(check.name.toLowerCase()),
    })),
  )
}

/** Throws one UserError('preflight') that names every finding that must stop the run; nothing when none does. */
export function stopOn(findings: readonly Finding[]): void {
  const fatal = findings.filter((finding) => finding.severity === 'error' && !finding.ignored)
  if (fatal.length === 0) return
  throw new UserError('preflight', `${fatal.length} preflight check${fatal.length === 1 ? '' : 's'} failed`, {
    why: fatal.map((f) => `${f.host}: [${f.check}] ${f.what}\n  → ${f.next}`).join('\n'),
    next: 'nothing was changed; fix the problems above, or ignore a check with --ignore-preflight NAME',
  })
}
