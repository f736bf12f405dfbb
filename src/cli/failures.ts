import { errorFields } from '../engine/error-fields.js'
import type { RunResult } from '../engine/run.js'
import type { Told } from './print-error.js'

/**
 * What to print of a run's failures, each once: what ended many steps of a host alike (another run, a lost connection) is
 * told with the first of them, and how many more there were. Pure.
 */
export function failuresTold(errors: RunResult['errors']): Told[] {
  const alike = new Map<string, { key: string; steps: number; error: unknown }>()
  for (const { key, error } of errors) {
    const { message, why, next } = errorFields(error)
    const same = JSON.stringify([key.split('/')[0], message, why, next])
    const known = alike.get(same)
    if (known) known.steps += 1
    else alike.set(same, { key, steps: 1, error })
  }
  return [...alike.values()].map(({ key, steps, error }) => {
    const { message, why, cause, code, next } = errorFields(error)
    const more = steps > 1 ? ` (and ${steps - 1} more)` : ''
    return { message: `${key}${more}: ${message}`, why, likely: cause, causeCode: code, next }
  })
}
