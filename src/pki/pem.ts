import { createPrivateKey, X509Certificate } from 'node:crypto'
import { Secret } from '../lib/secret.js'

const mostCertificates = 8
const blocks = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * Certificates as Node writes them, whatever stood between and around them: nothing of a stranger's text is passed on
 * but what was read. Throws Error with plain words when there is none, or one that cannot be read.
 */
export function certificatesOf(text: string, what: string): { pem: string; all: readonly X509Certificate[] } {
  const found = text.match(blocks) ?? []
  if (found.length === 0 || found.length > mostCertificates) throw new Error(`${what} is no PEM certificate`)
  try {
    const all = found.map((block) => new X509Certificate(block))
    return { pem: all.map((one) => `${one.toString().trimEnd()}\n`).join(''), all }
  } catch {
    throw new Error(`${what} is no PEM certificate`)
  }
}

/** A private key as Go's programs write and read it. Throws Error with plain words, never quoting it. */
export function privateKeyOf(
  text: string,
  what: string,
): { pem: Secret; fits(x509: X509Certificate): boolean } {
  try {
    const key = createPrivateKey(text)
    const type = key.asymmetricKeyType
    const pem =
      type === 'rsa'
        ? key.export({ type: 'pkcs1', format: 'pem' })
        : type === 'ec'
          ? key.export({ type: 'sec1', format: 'pem' })
          : key.export({ type: 'pkcs8', format: 'pem' })
    return { pem: new Secret(pem.toString()), fits: (x509) => x509.checkPrivateKey(key) }
  } catch {
    // the parser's words may quote what it read
    throw new Error(`${what} is no private key in PEM`)
  }
}
