import type { Secret } from '../lib/secret.js'
import type { Signer } from './authorities.js'
import type { CertificateSpec } from './certificate-spec.js'
import { newKeyPair, newSerial } from './key-pair.js'
import { readCertificate } from './read-certificate.js'
import { endOfNew } from './renewal.js'
import { signCertificate } from './sign.js'
import { distinguishedName, keyIdentifier } from './tbs.js'

/**
 * A new key and a certificate for it, valid from the signer's first day (as kubeadm: clocks may
 * differ) for one year from now, but no longer than the signer's.
 * @param options `lifeMs`: shorter than a year; `urgent`: others wait for it, so its key is made before theirs
 * @returns PEM both
 * @throws when the signer's key was not read
 */
export async function issue(
  spec: CertificateSpec,
  signer: Signer,
  options: { now: Date; random(bytes: number): Buffer; lifeMs?: number; urgent?: boolean },
): Promise<{ certificate: string; key: Secret }> {
  if (!signer.key) throw new Error(`no key of CA ${spec.signer} to issue ${spec.name} with`)
  const { publicKey, key } = await newKeyPair(options.urgent)
  const authority = readCertificate(signer.certificate)
  const certificate = signCertificate(
    {
      serial: newSerial(options.random),
      issuer: authority.subject,
      subject: distinguishedName(spec.commonName, spec.organization),
      notBefore: authority.notBefore,
      notAfter: endOfNew(options.now, authority, options.lifeMs),
      publicKey,
      authority: false,
      extendedUsages: spec.usages,
      basicConstraints: spec.basicConstraints,
      names: spec.names,
      authorityKeyIdentifier: authority.subjectKeyIdentifier ?? keyIdentifier(authority.spki),
    },
    signer.key,
  )
  return { certificate, key }
}
