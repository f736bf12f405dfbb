import type { KeyObject } from 'node:crypto'
import type { CertificateFacts } from './read-certificate.js'

/** What a signature algorithm is called, by its object identifier (RFC 8017, RFC 5758, RFC 8410); those that are broken are marked so. */
const signatures: Readonly<Record<string, { name: string; broken?: true }>> = {
  '1.2.840.113549.1.1.2': { name: 'MD2 with RSA', broken: true },
  '1.2.840.113549.1.1.4': { name: 'MD5 with RSA', broken: true },
  '1.2.840.113549.1.1.5': { name: 'SHA-1 with RSA', broken: true },
  '1.3.14.3.2.29': { name: 'SHA-1 with RSA', broken: true },
  '1.2.840.10040.4.3': { name: 'SHA-1 with DSA', broken: true },
  '1.2.840.10045.4.1': { name: 'SHA-1 with ECDSA', broken: true },
  '1.2.840.113549.1.1.11': { name: 'SHA-256 with RSA' },
  '1.2.840.113549.1.1.12': { name: 'SHA-384 with RSA' },
  '1.2.840.113549.1.1.13': { name: 'SHA-512 with RSA' },
  '1.2.840.10045.4.3.2': { name: 'SHA-256 with ECDSA' },
  '1.2.840.10045.4.3.3': { name: 'SHA-384 with ECDSA' },
  '1.2.840.10045.4.3.4': { name: 'SHA-512 with ECDSA' },
  '1.3.101.112': { name: 'Ed25519' },
}

/** OpenSSL's names of the curves that Go's crypto/x509 knows, apart from P-224. */
const curves = ['prime256v1', 'secp384r1', 'secp521r1']
const leastBits = 2048

/** Why a certificate's key or signature is not to be relied on, in words; [] when both are. */
export function weaknesses({ x509, signature }: CertificateFacts): string[] {
  const known = signatures[signature]
  return [
    ...keyWeakness(x509.publicKey),
    ...(known === undefined
      ? [`is signed by an unknown algorithm (${signature})`]
      : known.broken
        ? [`is signed by ${known.name}, which is broken`]
        : []),
  ]
}

/** Whether a key can only sign, and encrypts no other key. */
export const onlySigns = ({ asymmetricKeyType: type }: KeyObject): boolean => type !== 'rsa'

function keyWeakness({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string[] {
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0
    return bits >= leastBits ? [] : [`has an RSA key of ${bits} bits, of which ${leastBits} are the least`]
  }
  if (type === 'ec') {
    const curve = details?.namedCurve ?? ''
    return curves.includes(curve) ? [] : [`has a key on the curve ${curve || 'without a name'}`]
  }
  return type === 'ed25519' ? [] : [`has a key of type ${type ?? 'unknown'}`]
}
