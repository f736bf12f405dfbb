import { inspect } from 'node:util'

/** Longest first: the shorter of two that begin alike must not leave the rest of the longer. */
let known: readonly string[] = []
const mask = '[redacted]'

/**
 * Text that must never be shown: keys, tokens, passwords. Every way of printing it gives a mask,
 * and `redact` removes it (and its base64 and JSON forms) from any text on its way to a sink.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    if (text.length >= 8) {
      const forms = [text, Buffer.from(text).toString('base64'), JSON.stringify(text).slice(1, -1)]
      known = [...new Set([...known, ...forms])].sort((a, b) => b.length - a.length)
    }
  }

  /** The text itself, for the one place that sends it over stdin or computes with it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }
}

/** `text` without any secret made so far and without PEM private keys. For sinks: logs, events, errors. */
export function redact(text: string): string {
  let out = text.replace(
    /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g,
    `-----BEGIN $1----- ${mask}`,
  )
  // the same in base64, as kubeconfigs and Secrets carry them: "-----BEGIN RSA PRIVATE", "… PRIVATE", "… EC PRIVATE"
  out = out.replace(/LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFUR|BQUklWQVRF|BFQyBQUklWQVRF)[A-Za-z0-9+/=]*/g, mask)
  for (const secret of known) out = out.replaceAll(secret, mask)
  return out
}
