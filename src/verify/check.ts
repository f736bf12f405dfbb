import { redact } from '../lib/secret.js'

export interface CheckResult {
  name: string
  status: 'passed' | 'failed' | 'skipped'
  ms: number
  detail?: string
}

export interface VerifyOptions {
  now(): number
  signal: AbortSignal
  onResult(result: CheckResult): void
  /** Only look, start nothing: for a cluster in which nothing was changed. */
  lookOnly?: boolean
}

/** Not so yet; `until` asks again. */
export class NotSoYet extends Error {}

/**
 * Asks until the answer comes without NotSoYet or another error, at most `withinMs`; then fails with
 * the last words.
 */
export async function until<T>(
  options: VerifyOptions,
  sleep: (ms: number) => Promise<void>,
  withinMs: number,
  ask: () => Promise<T>,
): Promise<T> {
  const deadline = options.now() + withinMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (options.now() >= deadline || options.signal.aborted) throw error
      await sleep(200)
    }
  }
}

/** Says that a check does not apply here, and why. It counts as neither passed nor failed. */
export async function skip(options: VerifyOptions, name: string, why: string): Promise<boolean> {
  options.onResult({ name, status: 'skipped', ms: 0, detail: why })
  return true
}

/** Runs one check, tells its result, and returns whether it passed. */
export async function check(
  options: VerifyOptions,
  name: string,
  work: () => Promise<string | undefined>,
): Promise<boolean> {
  const began = options.now()
  const tell = (status: CheckResult['status'], detail: string | undefined): void =>
    options.onResult({
      name,
      status,
      ms: options.now() - began,
      ...(detail ? { detail: redact(detail) } : {}),
    })
  if (options.signal.aborted) {
    tell('skipped', 'interrupted')
    return false
  }
  try {
    tell('passed', await work())
    return true
  } catch (error) {
    tell('failed', error instanceof Error ? error.message : String(error))
    return false
  }
}
