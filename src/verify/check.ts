import { isBug, messageOf } from '../lib/errors.js'
import { redact } from '../lib/secret.js'

export interface CheckResult {
  name: string
  status: 'passed' | 'failed' | 'skipped'
  ms: number
  detail?: string
  /** Of a check that failed: what the pods or machines it is about said last. */
  words?: string
  /** The words are of this verification, and nothing older is among them: a cause may be read from them. */
  recent?: true
}

export interface VerifyOptions {
  now(): number
  signal: AbortSignal
  onResult(result: CheckResult): void
  /** Told what is waited for, when that takes long. */
  onWaiting?(what: string, ms: number): void
  /** Only look, start nothing: for a cluster in which nothing was changed. */
  lookOnly?: boolean
  /** Chooses among more ways than are tried. Default: at random. */
  seed?: number
}

/** How many of a list are named in a line. */
const named = 10

/** A list for a line: all of it, or the first and how many more. */
export const someOf = (list: readonly string[]): string =>
  list.length <= named
    ? list.join(', ')
    : `${list.slice(0, named).join(', ')} and ${list.length - named} more`

/** Not so yet; `until` asks again. */
export class NotSoYet extends Error {}

/** Somebody who watches a pipe wants a sign of life: after so long, and then about so often. */
const silenceMs = { first: 5_000, later: 10_000 }

/**
 * Asks until the answer comes without NotSoYet or another error, at most `withinMs`; then fails with
 * the last words.
 * @param everyMs how long to wait between two questions
 */
export async function until<T>(
  options: VerifyOptions,
  sleep: (ms: number) => Promise<void>,
  withinMs: number,
  ask: () => Promise<T>,
  everyMs = 200,
): Promise<T> {
  const began = options.now()
  let tellAt = began + silenceMs.first
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const now = options.now()
      if (isBug(error) || now >= began + withinMs || options.signal.aborted) throw error
      if (now >= tellAt) {
        tellAt = now + silenceMs.later
        options.onWaiting?.(redact(messageOf(error)), now - began)
      }
      await sleep(everyMs)
    }
  }
}

/** Says that a check does not apply here, and why. It counts as neither passed nor failed. */
export async function skip(options: VerifyOptions, name: string, why: string): Promise<boolean> {
  options.onResult({ name, status: 'skipped', ms: 0, detail: why })
  return true
}

/**
 * Runs one check, tells its result, and returns whether it passed.
 * @param evidence asked after a failure, for the words of those it is about
 * @param recent whether nothing of it is older than the verification
 */
export async function check(
  options: VerifyOptions,
  name: string,
  work: () => Promise<string | undefined>,
  evidence: () => Promise<string> = async () => '',
  recent = false,
): Promise<boolean> {
  const began = options.now()
  const tell = (status: CheckResult['status'], detail: string | undefined, words = ''): void =>
    options.onResult({
      name,
      status,
      ms: options.now() - began,
      ...(detail ? { detail: redact(detail) } : {}),
      ...(words ? { words: redact(words), ...(recent ? { recent: true } : {}) } : {}),
    })
  if (options.signal.aborted) {
    tell('skipped', 'interrupted')
    return false
  }
  try {
    tell('passed', await work())
    return true
  } catch (error) {
    // it only explains: that it cannot be had hides nothing
    const words = options.signal.aborted ? '' : await evidence().catch(() => '')
    tell('failed', messageOf(error), words.trim())
    return false
  }
}
