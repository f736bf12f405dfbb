import { createHash, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import * as der from './der.js'
import { oids } from './oids.js'

export type ExtendedUsage = 'serverAuth' | 'clientAuth'

/** What a certificate shall say. */
export interface CertificateContent {
  /** Random, positive, at most 20 bytes (RFC 5280 4.1.2.2). */
  serial: Buffer
  /** DER of the issuer's name, as its own certificate has it. */
  issuer: der.Der
  subject: der.Der
  notBefore: Date
  notAfter: Date
  publicKey: KeyObject
  authority: boolean
  extendedUsages: readonly ExtendedUsage[]
  /** Say CA:TRUE or CA:FALSE. Authorities always do. */
  basicConstraints: boolean
  /** DNS names and IP addresses, in this order. */
  names: readonly string[]
  /** The issuer's key identifier; undefined in a self-signed certificate. */
  authorityKeyIdentifier: Buffer | undefined
}

/** digitalSignature, keyEncipherment, and for authorities keyCertSign: kubeadm's choice for RSA keys. */
const leafKeyUsage = 0b1010_0000
const authorityKeyUsage = 0b1010_0100
/** digitalSignature: a key that is not RSA encrypts no other (RFC 5480, RFC 8410). */
const signingKeyUsage = 0b1000_0000

/**
 * The part of a certificate that is signed (RFC 5280 TBSCertificate), extensions in Go's order.
 * @param algorithm AlgorithmIdentifier of the signature to come
 */
export function tbsCertificate(content: CertificateContent, algorithm: der.Der): der.Der {
  const spki = der.decode(content.publicKey.export({ type: 'spki', format: 'der' }))
  return der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(content.serial),
    algorithm,
    content.issuer,
    der.sequence(der.time(content.notBefore), der.time(content.notAfter)),
    content.subject,
    spki,
    der.explicit(3, der.sequence(...extensions(content, spki))),
  )
}

/** RFC 5280 4.2.1.2, method 1: SHA-1 of the key's bits. It names the key, nothing rests on its strength. */
export function keyIdentifier(spki: der.Der): Buffer {
  const bits = der.content(der.children(spki)[1])
  return createHash('sha1').update(bits.subarray(1)).digest()
}

/** A name of at most one organization and a common name, in Go's order: O, CN. */
export function distinguishedName(commonName: string, organization?: string): der.Der {
  const attribute = (type: string, text: string): der.Der =>
    der.setOf(der.sequence(der.oid(type), der.printableString(text)))
  return der.sequence(
    ...(organization === undefined ? [] : [attribute(oids.organization, organization)]),
    attribute(oids.commonName, commonName),
  )
}

function extensions(content: CertificateContent, spki: der.Der): der.Der[] {
  const { authority, names, authorityKeyIdentifier } = content
  const out = [keyUsage(authority, content.publicKey)]
  if (content.extendedUsages.length > 0) {
    const usages = content.extendedUsages.map((usage) => der.oid(oids[usage]))
    out.push(extension(oids.extendedKeyUsage, false, der.sequence(...usages)))
  }
  if (authority || content.basicConstraints) {
    const value = authority ? der.sequence(der.boolean(true)) : der.sequence()
    out.push(extension(oids.basicConstraints, true, value))
  }
  if (authority) {
    out.push(extension(oids.subjectKeyIdentifier, false, der.octetString(keyIdentifier(spki))))
  }
  if (authorityKeyIdentifier) {
    const value = der.sequence(der.implicit(0, authorityKeyIdentifier))
    out.push(extension(oids.authorityKeyIdentifier, false, value))
  }
  if (names.length > 0) {
    out.push(extension(oids.subjectAltName, false, der.sequence(...names.map(generalName))))
  }
  return out
}

function keyUsage(authority: boolean, { asymmetricKeyType }: KeyObject): der.Der {
  const leaf = asymmetricKeyType === 'rsa' ? leafKeyUsage : signingKeyUsage
  const bits = authority ? authorityKeyUsage : leaf
  // DER: what follows the last bit that is set does not count
  const unused = Math.log2(bits & -bits)
  return extension(oids.keyUsage, true, der.bitString(Buffer.from([bits]), unused))
}

const extension = (id: string, critical: boolean, value: der.Der): der.Der =>
  der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octetString(value))

const generalName = (name: string): der.Der =>
  isIP(name) === 0
    ? der.implicit(2, Buffer.from(name, 'ascii'))
    : der.implicit(7, Buffer.from(ipaddr.parse(name).toByteArray()))
