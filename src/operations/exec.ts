import type { Outcome } from '../host/connection.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'

/** How a command ended on one host. */
export interface ExecResult {
  host: string
  /** Exit code; undefined when it did not end by itself. */
  code: number | undefined
  /** What it wrote, standard output and error each in its own order. */
  stdout: string
  stderr: string
  /** Why there is no exit code. */
  why?: string
  /** The host could not be reached, or was lost. */
  lost?: true
}

/**
 * Runs a command as root on hosts, on all at once, as ssh(1) does: the words are joined with blanks, and the
 * shell of the host (/bin/sh) reads the result. Never rejects for a host that fails: that is a result.
 * @param onResult called for each host as it ends
 */
export async function execOn(
  hosts: readonly Host[],
  words: readonly string[],
  timeoutMs: number,
  onResult: (result: ExecResult) => void,
): Promise<ExecResult[]> {
  return Promise.all(
    hosts.map(async ({ name, connection }) => {
      const outcome = await connection
        .run({ script: 'exec /bin/sh -c "$1"', args: [words.join(' ')], timeoutMs })
        .catch((error: unknown): Outcome => ({ kind: 'lost', reason: wordsOf(error) }))
      const result = resultOf(name, outcome, timeoutMs)
      onResult(result)
      return result
    }),
  )
}

/** Of an error of ours all it says, a line each. */
function wordsOf(error: unknown): string {
  if (!(error instanceof UserError)) return String(error)
  const { message, why, next } = error
  return [message, why, next && `→ ${next}`].filter(Boolean).join('\n')
}

function resultOf(host: string, outcome: Outcome, timeoutMs: number): ExecResult {
  if (outcome.kind === 'lost')
    return { host, code: undefined, stdout: '', stderr: '', why: redact(outcome.reason), lost: true }
  const words = { stdout: outcome.stdout.toString(), stderr: outcome.stderr }
  if (outcome.kind === 'exited') return { host, code: outcome.code, ...words }
  const why =
    outcome.signal === 'TIMEOUT'
      ? `did not finish within ${timeoutMs / 1000} s`
      : `terminated by SIG${outcome.signal}`
  return { host, code: undefined, ...words, why }
}
