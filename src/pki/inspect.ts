import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { roughly } from '../lib/time.js'
import type { CertificateSpec } from './certificate-spec.js'
import { oids } from './oids.js'
import { type CertificateFacts, readCertificate } from './read-certificate.js'
import { isDue } from './renewal.js'
import { onlySigns, weaknesses } from './strength.js'
import type { TrustList } from './trust.js'

/** digitalSignature and keyEncipherment: what every leaf of kubeadm with an RSA key may be used for. */
const leafKeyUsage = 0b1010_0000
/** A key that encrypts nothing signs only, which the kubelet of newer releases says of its own. */
const signingKeyUsage = 0b1000_0000

/** One way in which a certificate is not what it should be. */
export interface CertificateDifference {
  /** `end`: only its time is over, or nearly so. */
  about: 'content' | 'end'
  words: string
}

/** The words of `inspectCertificate`. */
export function certificateDifferences(...what: Parameters<typeof inspectCertificate>): string[] {
  return inspectCertificate(...what).map(({ words }) => words)
}

/**
 * How a certificate differs from what it should be; [] when it will do. Compared by meaning: names as a set,
 * usages, subject, signature, strength, dates. Serial, key and exact dates do not count.
 * @param pem the certificate as found
 * @param trusted its authority's: any of them may have signed it
 * @param renewBefore milliseconds before its end from which it is renewed (see `isDue`); 0: not before it has expired
 */
export function inspectCertificate(
  pem: string,
  spec: CertificateSpec,
  trusted: TrustList,
  now: Date,
  renewBefore = 0,
): CertificateDifference[] {
  let found: CertificateFacts
  try {
    found = readCertificate(pem)
  } catch {
    return [{ about: 'content', words: 'is not a certificate' }]
  }
  const signers = trusted.map(readCertificate)
  const signer = signers.find((one) => hasSigned(one, found))
  const end = endOf(found, signer, now, renewBefore)
  return [
    ...[
      ...contentDifferences(found, spec),
      ...weaknesses(found),
      ...(signer
        ? lifeDifferences(found, signer)
        : [`is not signed by ${signers.map(subjectOf).join(' or ')}`]),
    ].map((words) => ({ about: 'content' as const, words })),
    ...(found.notBefore > now
      ? [{ about: 'content' as const, words: `is not valid before ${found.notBefore.toISOString()}` }]
      : []),
    ...(end === undefined ? [] : [{ about: 'end' as const, words: end }]),
  ]
}

function contentDifferences(found: CertificateFacts, spec: CertificateSpec): string[] {
  const rightUsages = onlySigns(found.x509.publicKey) ? [signingKeyUsage, leafKeyUsage] : [leafKeyUsage]
  return [
    ...(found.commonName === spec.commonName
      ? []
      : [`is for ${found.commonName ?? 'no common name'}, not ${spec.commonName}`]),
    ...setDifferences('organization', found.organizations, spec.organization ? [spec.organization] : []),
    ...setDifferences('name', found.names, spec.names.map(normalName)),
    ...setDifferences(
      'usage',
      found.extendedUsages.map(usageName),
      spec.usages.map((usage) => usageName(oids[usage])),
    ),
    ...(found.authority ? ['says that it is a certificate authority (CA:TRUE)'] : []),
    ...(found.keyUsage !== undefined && rightUsages.includes(found.keyUsage)
      ? []
      : ['its key usage is not signature and encipherment']),
  ]
}

const hasSigned = ({ x509 }: CertificateFacts, found: CertificateFacts): boolean =>
  found.x509.checkIssued(x509) && found.x509.verify(x509.publicKey)

const subjectOf = ({ x509 }: CertificateFacts): string => x509.subject.replaceAll('\n', ', ')

function lifeDifferences(found: CertificateFacts, { notAfter }: CertificateFacts): string[] {
  return found.notAfter > notAfter
    ? [`is valid longer than its authority, which expires on ${notAfter.toISOString()}`]
    : []
}

function endOf(
  found: CertificateFacts,
  signer: CertificateFacts | undefined,
  now: Date,
  renewBefore: number,
): string | undefined {
  const { notAfter } = found
  if (notAfter <= now) return `expired on ${notAfter.toISOString()}`
  if (signer === undefined || renewBefore === 0 || !isDue(found, signer, now, renewBefore)) return undefined
  return `expires on ${notAfter.toISOString()}, in ${roughly(notAfter.getTime() - now.getTime())}`
}

function setDifferences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  return [
    ...wanted.filter((value) => !found.includes(value)).map((value) => `lacks ${what} ${value}`),
    ...found
      .filter((value) => !wanted.includes(value))
      .map((value) => `has ${what} ${value}, which is not expected`),
  ]
}

const normalName = (name: string): string => (isIP(name) !== 0 ? ipaddr.parse(name).toString() : name)

function usageName(id: string): string {
  if (id === oids.serverAuth) return 'server'
  return id === oids.clientAuth ? 'client' : id
}
