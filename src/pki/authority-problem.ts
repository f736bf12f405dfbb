import { createPrivateKey } from 'node:crypto'
import type { Secret } from '../lib/secret.js'
import { type CertificateFacts, readCertificate } from './read-certificate.js'

/** keyCertSign in KeyUsage's first byte (RFC 5280 4.2.1.3). */
const signsCertificates = 0b0000_0100

/**
 * Why nothing can be signed, or trusted, by a certificate that was found in an authority's place; undefined when it
 * will do. A problem is never cured by another authority: whoever knows the old one would not know the new one.
 */
export function authorityProblem(pem: string, now: Date): string | undefined {
  const found = read(pem)
  const problem = kindProblem(found)
  if (found === undefined || problem !== undefined) return problem
  if (found.notAfter <= now) return `expired on ${found.notAfter.toISOString()}`
  if (found.notBefore > now) return `is not valid before ${found.notBefore.toISOString()}`
  return undefined
}

/** Why a certificate is none to trust at any time; undefined when it is one. */
export const untrustworthy = (pem: string): string | undefined => kindProblem(read(pem))

function read(pem: string): CertificateFacts | undefined {
  try {
    return readCertificate(pem)
  } catch {
    return undefined
  }
}

function kindProblem(found: CertificateFacts | undefined): string | undefined {
  if (found === undefined) return 'is not a certificate'
  if (!found.authority) return 'is not a certificate authority (CA:TRUE is missing)'
  if (found.keyUsage !== undefined && (found.keyUsage & signsCertificates) === 0)
    return 'is not a certificate authority (its key usage does not allow it to sign certificates)'
  return undefined
}

/** Whether a private key is that of a certificate. Throws with plain words when it is no private key; never quotes it. */
export function keyFits(pem: string, key: Secret): boolean {
  let parsed: ReturnType<typeof createPrivateKey>
  try {
    parsed = createPrivateKey(key.reveal())
  } catch {
    // the parser's words may quote what it read
    throw new Error('not a private key in PEM')
  }
  return readCertificate(pem).x509.checkPrivateKey(parsed)
}
