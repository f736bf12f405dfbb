/** How far a suite is. */
export interface Progress {
  /** Specs that will have run at the end; 0 until that is known. */
  total: number
  passed: number
  failed: number
  /** The spec that ended last, with how: "FAILED [sig-node] Pods should …"; or what else happened. */
  last: string
}

/** Most characters of a name that is repeated. */
const longest = 300

/**
 * One message of --progress-report-url (test/e2e/reporters/progress.go: msg, total, completed, skipped, failed).
 * @returns undefined for what is no such message
 */
export function readProgress(body: string): Progress | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { msg, total, completed, failed } = value as Record<string, unknown>
  if (![total, completed, failed].every((one) => Number.isSafeInteger(one) && Number(one) >= 0))
    return undefined
  return {
    total: Number(total),
    passed: Number(completed),
    failed: Number(failed),
    last: typeof msg === 'string' ? msg.slice(0, longest).replaceAll('\n', ' ') : '',
  }
}

/** The further of two: messages are sent side by side and may arrive in another order. */
export function further(one: Progress | undefined, other: Progress): Progress {
  if (!one) return other
  const ended = ({ passed, failed }: Progress): number => passed + failed
  const ahead = ended(other) >= ended(one) ? other : one
  return { ...ahead, total: Math.max(one.total, other.total) }
}

/** "12 of 411 specs ended, 1 failed" */
export function progressText({ total, passed, failed }: Progress): string {
  const of = total > 0 ? ` of ${total}` : ''
  return `${passed + failed}${of} specs ended, ${failed} failed`
}
