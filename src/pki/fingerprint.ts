import { createHash, X509Certificate } from 'node:crypto'
import { remembering } from '../lib/remembering.js'

/**
 * The pins `kubeadm join --discovery-token-ca-cert-hash` takes: "sha256:" and the hex digest of the
 * certificate's SubjectPublicKeyInfo.
 */
export function spkiHash(pem: string): string {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(spki).digest('hex')}`
}

/**
 * Lower-case hex SHA-256 of a certificate (PEM): two files with the same are the same certificate. Throws where it is none.
 * Remembered: every node has its cluster's.
 */
export const certificateFingerprint = remembering((pem): string =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'),
)
