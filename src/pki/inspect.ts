import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { CertificateSpec } from './certificate-spec.js'
import { oids } from './oids.js'
import { type CertificateFacts, readCertificate } from './read-certificate.js'

/** digitalSignature and keyEncipherment: what every leaf of kubeadm may be used for. */
const leafKeyUsage = 0b1010_0000

/**
 * How a certificate differs from what it should be, in words; [] when it will do. Compared by
 * meaning: names as a set, usages, subject, signature, dates. Serial, key and exact dates do not count.
 * @param pem the certificate as found
 * @param signerPem the authority's certificate
 * @param renewBefore milliseconds before its end from which it counts as expired
 */
export function certificateDifferences(
  pem: string,
  spec: CertificateSpec,
  signerPem: string,
  now: Date,
  renewBefore = 0,
): string[] {
  let found: CertificateFacts
  try {
    found = readCertificate(pem)
  } catch {
    return ['is not a certificate']
  }
  const out: string[] = []
  if (found.commonName !== spec.commonName)
    out.push(`is for ${found.commonName ?? 'nobody'}, not ${spec.commonName}`)
  out.push(
    ...setDifferences('organization', found.organizations, spec.organization ? [spec.organization] : []),
  )
  out.push(...setDifferences('name', found.names, spec.names.map(normalName)))
  out.push(
    ...setDifferences(
      'usage',
      found.extendedUsages.map(usageName),
      spec.usages.map((usage) => usageName(oids[usage])),
    ),
  )
  if (found.keyUsage !== leafKeyUsage) out.push('its key usage is not signature and encipherment')
  const signer = new X509Certificate(signerPem)
  if (!found.x509.checkIssued(signer) || !found.x509.verify(signer.publicKey))
    out.push(`is not signed by ${signer.subject.replaceAll('\n', ', ')}`)
  if (found.notBefore > now) out.push(`is not valid before ${found.notBefore.toISOString()}`)
  if (found.notAfter <= now) out.push(`expired on ${found.notAfter.toISOString()}`)
  else if (found.notAfter.getTime() - renewBefore <= now.getTime())
    out.push(`expires on ${found.notAfter.toISOString()}`)
  return out
}

function setDifferences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  return [
    ...wanted.filter((value) => !found.includes(value)).map((value) => `lacks ${what} ${value}`),
    ...found
      .filter((value) => !wanted.includes(value))
      .map((value) => `has ${what} ${value}, which is not wanted`),
  ]
}

const normalName = (name: string): string => (isIP(name) !== 0 ? ipaddr.parse(name).toString() : name)

function usageName(id: string): string {
  if (id === oids.serverAuth) return 'server'
  return id === oids.clientAuth ? 'client' : id
}
