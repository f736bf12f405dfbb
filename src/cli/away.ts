import type { Options } from 'yargs'
import { selectHosts } from '../inventory/select.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { shortly } from '../operations/look.js'
import type { Session } from '../workflows/session/session.js'
import { list } from './command.js'
import type { Reporting } from './reporting.js'

export const awayOption = {
  away: {
    type: 'string',
    array: true,
    default: [],
    describe:
      'go on without these hosts if they cannot be reached: names, globs, groups, roles, or any; they stay part of the cluster',
    requiresArg: true,
  },
} satisfies Record<string, Options>

/** What a command with --away and a limit does without. */
export interface Without {
  hasAway: true
  mayBeAway(host: HostSpec, error: unknown): boolean
  withoutControlPlane: false
}

/**
 * Which hosts a run goes on without where they cannot be reached: those of --away, and those that it is not about.
 * A host that is reached and of no use (an unknown system) is none of them.
 * @param chosen names of the hosts the run is limited to; undefined: all
 * Throws UserError('usage') for a pattern that names no host.
 */
export function withoutHosts(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  chosen: ReadonlySet<string> | undefined,
): Without {
  const patterns = list(values, 'away')
  const any = patterns.some((pattern) => pattern.split(',').some((one) => one.trim() === 'any'))
  const names = new Set(
    patterns.length === 0 || any ? [] : selectHosts(spec, patterns).map(({ name }) => name),
  )
  return {
    hasAway: true,
    mayBeAway: ({ name }, error) =>
      error instanceof UserError &&
      error.kind === 'connection' &&
      (any || names.has(name) || chosen?.has(name) === false),
    withoutControlPlane: false,
  }
}

/** Names of the hosts that a run goes without. */
export const namesOf = ({ away }: Pick<Session, 'away'>): string[] => away.map(({ spec: { name } }) => name)

/**
 * Tells of each host that the run goes without, and why. Of those that it is not about nothing was expected.
 * @param told what becomes of one that it is about
 */
export function warnOfAway(
  { away }: Pick<Session, 'away'>,
  { emit, now }: Pick<Reporting, 'emit' | 'now'>,
  chosen: ReadonlySet<string> | undefined,
  told = 'the next run that reaches it makes its changes',
): void {
  for (const { spec, error } of away) {
    const isChosen = chosen?.has(spec.name) ?? true
    const text = `${spec.name} is away (${shortly(error)})${isChosen ? `: ${told}` : ''}`
    emit({ type: 'message', at: now(), level: isChosen ? 'warning' : 'info', text, host: spec.name })
  }
}
