import { X509Certificate } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import * as der from './der.js'
import { oids } from './oids.js'

/** What a certificate says, as far as kubestrap compares it. */
export interface CertificateFacts {
  x509: X509Certificate
  /** Dotted identifier of the algorithm it is signed by. */
  signature: string
  /** It says that it is an authority (CA:TRUE). */
  authority: boolean
  /** DER of its subject's name and key, for issuing under it. */
  subject: der.Der
  spki: der.Der
  commonName: string | undefined
  organizations: readonly string[]
  notBefore: Date
  notAfter: Date
  /** Bits of KeyUsage's first byte; undefined without the extension. */
  keyUsage: number | undefined
  /** Dotted identifiers. */
  extendedUsages: readonly string[]
  /** DNS names and IP addresses as they are; names of other kinds with the kind before them ("URI:spiffe://…"). */
  names: readonly string[]
  /** Its own key identifier, when it has one. */
  subjectKeyIdentifier: Buffer | undefined
}

/** Reads a PEM certificate. Throws with plain words when it is none. */
export function readCertificate(pem: string): CertificateFacts {
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(pem)
  } catch {
    throw new Error('not a PEM certificate')
  }
  const [signed, algorithm] = der.children(der.decode(x509.raw))
  const tbs = der.children(signed)
  // version is optional and comes first; the rest is in a fixed order (RFC 5280 4.1)
  const [, , , , subject, spki] = tbs[0] && der.isContext(tbs[0], 0) ? tbs.slice(1) : tbs
  if (!subject || !spki) throw new Error('not an X.509 certificate')
  const extensions = extensionsOf(tbs)
  const usage = extensions.get(oids.keyUsage)
  const identifier = extensions.get(oids.subjectKeyIdentifier)
  return {
    x509,
    signature: der.dotted(der.children(algorithm)[0]),
    authority: saysAuthority(extensions.get(oids.basicConstraints)),
    subject,
    spki,
    commonName: attributes(subject, oids.commonName).at(-1),
    organizations: attributes(subject, oids.organization),
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    keyUsage: usage ? der.content(usage)[1] : undefined,
    extendedUsages: listOf(extensions.get(oids.extendedKeyUsage)).map(der.dotted),
    names: listOf(extensions.get(oids.subjectAltName)).flatMap(generalName),
    subjectKeyIdentifier: identifier ? der.content(identifier) : undefined,
  }
}

function extensionsOf(tbs: readonly der.Der[]): Map<string, der.Der> {
  const tagged = tbs.find((item) => der.isContext(item, 3))
  const list = tagged ? der.children(der.children(tagged)[0]) : []
  return new Map(
    list.map((item) => {
      const fields = der.children(item)
      return [der.dotted(fields[0]), der.decode(der.content(fields.at(-1)))]
    }),
  )
}

/** BasicConstraints is a sequence whose first member, when it is there, is the boolean cA (RFC 5280 4.2.1.9). */
function saysAuthority(constraints: der.Der | undefined): boolean {
  const [first] = listOf(constraints)
  return first !== undefined && der.isBoolean(first) && der.content(first)[0] !== 0
}

const listOf = (value: der.Der | undefined): der.Der[] => (value ? der.children(value) : [])

const attributes = (name: der.Der, type: string): string[] =>
  der
    .children(name)
    .flatMap((set) => der.children(set))
    .map((pair) => der.children(pair))
    .filter(([id]) => der.dotted(id) === type)
    .map(([, value]) => der.content(value).toString())

/** Kinds of GeneralName by their tag (RFC 5280 4.2.1.6). */
const otherKinds = ['otherName', 'email', 'DNS', 'X400', 'DirName', 'EDIParty', 'URI', 'IP', 'RID'] as const

function generalName(value: der.Der): string[] {
  if (der.isContext(value, 2)) return [der.content(value).toString('ascii')]
  if (der.isContext(value, 7)) return [address(der.content(value))]
  const kind = otherKinds.find((_, tag) => der.isContext(value, tag)) ?? 'unknown'
  const text = typeof value.value === 'string' ? der.content(value).toString('latin1') : ''
  return [`${kind}:${text}`]
}

/** Four or sixteen bytes are an address; anything else is told as it is. */
function address(bytes: Buffer): string {
  return bytes.length === 4 || bytes.length === 16
    ? ipaddr.fromByteArray([...bytes]).toString()
    : `IP:${bytes.toString('hex')}`
}
