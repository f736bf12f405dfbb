import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** What OpenSSL calls a chain of which a certificate has expired. */
export const hasExpired = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'CERT_HAS_EXPIRED'

const serverAuth = '1.3.6.1.5.5.7.3.1'

/**
 * Whether a server's certificate has nothing against it but its age: it is signed by the authority itself, which is
 * one and valid, it is a server's, for this name, and its time had begun. (That OpenSSL's only complaint was the age
 * would not do: of several complaints it tells the last.) Who showed it has its key, or TLS had not come about.
 * @param raw DER of the certificate
 * @param ca PEM of the authority
 */
export function onlyTooOld(raw: Buffer, ca: string, servername: string, now: Date): boolean {
  const leaf = new X509Certificate(raw)
  const authority = new X509Certificate(ca)
  const name = isIP(servername) === 0 ? leaf.checkHost(servername) : leaf.checkIP(servername)
  return (
    authority.ca &&
    valid(authority, now) &&
    leaf.checkIssued(authority) &&
    leaf.verify(authority.publicKey) &&
    !leaf.ca &&
    name !== undefined &&
    leaf.keyUsage?.includes(serverAuth) === true &&
    new Date(leaf.validFrom) <= now
  )
}

const valid = ({ validFrom, validTo }: X509Certificate, now: Date): boolean =>
  new Date(validFrom) <= now && now < new Date(validTo)
