import { masked } from './masked.js'
import { redact } from './secret.js'
import { visible } from './visible.js'

const mask = '[redacted]'

/** Longer lines are cut: whoever reads a report needs no more, and looking for secrets costs the square of a word. */
const longest = 4_000

/** What is a secret by its form alone, whatever stands around it. */
const forms: readonly [RegExp, string][] = [
  // a bootstrap token (bootstrap.kubernetes.io/token, BootstrapTokenRegexpString of Kubernetes)
  [/(?<![\w.])[a-z0-9]{6}\.[a-z0-9]{16}(?![\w.])/g, mask],
  // a JSON Web Token: of a service account, of a registry; cut too
  [/\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}/g, mask],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${mask}`],
  [
    /(--[\w-]*(?:token|password|passwd|passphrase|secret|certificate-key|api-key))(=|\s+)(?:"[^"]*"|'[^']*'|\S+)/gi,
    `$1$2${mask}`,
  ],
]

/** A line of a key or certificate that nothing around it tells: digests are hexadecimal and stay. */
const base64 = /[A-Za-z0-9+/]{56,}={0,2}/g

/**
 * A text that may be given to strangers: without secrets that are known (lib/secret.ts), without values of keys that sound like
 * secrets (lib/masked.ts), without what is a secret by its form, without control characters, and with long lines cut. More is
 * masked than must be. Pure but for the secrets that are known.
 */
export function scrubbed(text: string): string {
  const short = redact(text)
    .split('\n')
    .map((line) => (line.length > longest ? `${line.slice(0, longest)} [cut]` : line))
    .join('\n')
  const plain = forms.reduce((said, [form, instead]) => said.replace(form, instead), masked(short))
  return visible(plain.replace(base64, (run) => (isEncoded(run) ? mask : run)))
}

const isEncoded = (run: string): boolean => /[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run)

/** The same of a value: its texts one by one, and whole what stands under a key that sounds like a secret. */
export function scrubbedValue(value: unknown): unknown {
  if (typeof value === 'string') return scrubbed(value)
  if (Array.isArray(value)) return value.map(scrubbedValue)
  if (value instanceof Date) return value
  if (value instanceof Map) return scrubbedValue(Object.fromEntries(value))
  if (value instanceof Set) return [...value].map(scrubbedValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      scrubbed(key),
      typeof inner === 'string' && scrubbed(`${key}: ${JSON.stringify(inner)}`).endsWith('…')
        ? mask
        : scrubbedValue(inner),
    ]),
  )
}
