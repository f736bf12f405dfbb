import { hostname, userInfo } from 'node:os'
import type { Options } from 'yargs'
import { UserError } from '../lib/errors.js'
import type { LockRequest } from '../workflows/cluster-lock.js'
import type { Hands } from '../workflows/hands.js'
import { durationOf } from './command.js'
import type { Reporting } from './reporting.js'

/** For commands that change the cluster: what they do about another run that does. */
export const otherRunsOption = {
  wait: {
    type: 'string',
    describe: 'wait at most so long for another run on the cluster to end: 10m, 1h (default: refuse at once)',
    requiresArg: true,
  },
  'take-over': {
    type: 'boolean',
    default: false,
    describe: 'end another run on the cluster: it changes nothing more, and this one goes on',
  },
} satisfies Record<string, Options>

/** The values of otherRunsOption. Throws UserError('usage'). */
export function otherRunsOf(
  values: Record<string, unknown>,
  { emit, now }: Pick<Reporting, 'emit' | 'now'>,
): Pick<LockRequest, 'takeOver' | 'waitMs' | 'onWaiting'> {
  const takeOver = values['take-over'] === true
  if (values.wait === undefined) return { takeOver }
  if (takeOver)
    throw new UserError('usage', '--wait and --take-over exclude each other', {
      next: 'wait for the other run, or end it',
    })
  return {
    takeOver,
    waitMs: durationOf(values, 'wait', '90s, 10m or 1h'),
    onWaiting: (owner) =>
      emit({
        type: 'message',
        at: now(),
        level: 'info',
        text: `waiting for another run to end, at most ${String(values.wait)}: ${owner}`,
      }),
  }
}

/** What another run on the same hosts is told of this one: "up by ann@laptop, process 4711, since 2026-11-25T18:40:02Z". */
export function runWords(workflow: string): string {
  const since = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return `${workflow} by ${user()}@${hostname()}, process ${process.pid}, since ${since}`
}

/** A process may have a number that no user has (a container). */
function user(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'somebody')
  }
}

/** Warns of runs that had not ended when this one began. */
export function warnOfOthers(hands: Hands | undefined, { emit, now }: Pick<Reporting, 'emit' | 'now'>): void {
  for (const { host, text } of hands?.others ?? [])
    emit({ type: 'message', at: now(), level: 'warning', text, host })
}
