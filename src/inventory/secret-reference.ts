import type { SecretSource } from '../host/ssh-spec.js'
/** What may be written where a secret is wanted; for the schema, so for editors too. */
export const secretPattern = /^(env:[A-Za-z_][A-Za-z0-9_]*|(file|command):[^\n]*[^\s][^\n]*|prompt)$/

/** What to write instead of a secret. */
export const secretForms = 'env:NAME, file:PATH, command:COMMAND or prompt'

/** Keys of the inventory whose values are secrets; what stands there is shown nowhere. */
export const secretKeys: ReadonlySet<PropertyKey> = new Set(['password', 'passphrase'])

/**
 * Reads a reference; undefined when the text is none.
 * @param resolve from a path as written to an absolute one
 */
export function parseSecretSource(text: string, resolve: (path: string) => string): SecretSource | undefined {
  if (!secretPattern.test(text)) return undefined
  if (text === 'prompt') return { kind: 'prompt' }
  const colon = text.indexOf(':')
  const rest = text.slice(colon + 1).trim()
  const kind = text.slice(0, colon)
  if (kind === 'env') return { kind, name: rest }
  if (kind === 'file') return { kind, path: resolve(rest) }
  return { kind: 'command', command: rest }
}

/** What is wrong with a value that should be a reference, without showing it: it may well be the secret. */
export function secretProblem(
  path: readonly PropertyKey[],
  missing: boolean,
): { path: readonly PropertyKey[]; what: string; write: string } {
  const key = String(path.at(-1))
  return {
    path,
    what: missing ? `${path.map(String).join('.')} is missing` : `${key} is not a reference to a secret`,
    write: `${key}: one of ${secretForms}; secrets do not belong in this file`,
  }
}
