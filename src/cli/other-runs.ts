import { hostname, userInfo } from 'node:os'
import type { Hands } from '../workflows/hands.js'
import type { Reporting } from './reporting.js'

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
