import {
  createPrivateKey,
  sign as cryptoSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { Secret } from '../../src/lib/secret.js'
import type { Authority, Signer } from '../../src/pki/authorities.js'
import type { CertificateSpec } from '../../src/pki/certificate-spec.js'
import * as der from '../../src/pki/der.js'
import { readCertificate } from '../../src/pki/read-certificate.js'
import { pem } from '../../src/pki/sign.js'
import { type CertificateContent, distinguishedName, tbsCertificate } from '../../src/pki/tbs.js'

export interface Forged {
  /** Default RSA of 2048 bits. */
  key?: { publicKey: KeyObject; privateKey: KeyObject }
  /** Node's name of the digest; null for Ed25519. Default sha256. */
  digest?: 'sha256' | 'sha1' | 'md5' | null
  /** Object identifier of the signature. Default SHA-256 with RSA. */
  algorithm?: string
  content?: Partial<CertificateContent>
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const dayMs = 24 * 3600 * 1000

/**
 * A certificate of an authority that no product code would make: for another end, another key, another digest.
 * @returns PEM both
 */
export function forged(
  spec: CertificateSpec,
  authority: Authority | Signer,
  now: Date,
  { key = rsa, digest = 'sha256', algorithm = '1.2.840.113549.1.1.11', content = {} }: Forged = {},
): { certificate: string; key: Secret } {
  const by = 'signer' in authority ? authority.signer : authority
  if (!by.key) throw new Error('an authority without its key')
  const signer = readCertificate(by.certificate)
  const identifier = der.sequence(der.oid(algorithm), der.nothing())
  const tbs = tbsCertificate(
    {
      serial: Buffer.concat([Buffer.from([1]), randomBytes(7)]),
      issuer: signer.subject,
      subject: distinguishedName(spec.commonName, spec.organization),
      notBefore: signer.notBefore,
      notAfter: new Date(now.getTime() + 365 * dayMs),
      publicKey: key.publicKey,
      authority: false,
      extendedUsages: spec.usages,
      basicConstraints: spec.basicConstraints,
      names: spec.names,
      authorityKeyIdentifier: signer.subjectKeyIdentifier,
      ...content,
    },
    identifier,
  )
  const signature = cryptoSign(digest, der.encode(tbs), createPrivateKey(by.key.reveal()))
  return {
    certificate: pem('CERTIFICATE', der.encode(der.sequence(tbs, identifier, der.bitString(signature)))),
    key: new Secret(key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
  }
}

/** The same certificate as it was when it was made some time ago, and as it ends some days from now (negative: it has ended). */
export function aged(
  spec: CertificateSpec,
  authority: Authority | Signer,
  now: Date,
  daysLeft: number,
): { certificate: string; key: Secret } {
  const notAfter = new Date(now.getTime() + daysLeft * dayMs)
  const notBefore = new Date(notAfter.getTime() - 365 * dayMs)
  return forged(spec, authority, now, { content: { notBefore, notAfter } })
}
