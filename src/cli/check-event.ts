import { diagnose } from '../diagnose/diagnose.js'
import type { RunEvent } from '../engine/events.js'
import type { CheckResult } from '../verify/check.js'

/**
 * The event of a check, with the likely cause of one that failed. It is read from what was said during the verification alone:
 * older words have another cause. Pure.
 */
export function checkEvent({ recent, ...result }: CheckResult, at: number): RunEvent {
  if (result.status !== 'failed') return { type: 'check', at, ...result }
  // each line begins with the name of its host
  const words = recent ? (result.words ?? '').replace(/^\S+: /gm, '') : ''
  const found = diagnose(`${words}\n${result.detail ?? ''}`)
  return { type: 'check', at, ...result, ...(found ? { cause: found.cause, code: found.code } : {}) }
}
