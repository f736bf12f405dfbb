import type forge from 'node-forge'
import asn1 from 'node-forge/lib/asn1.js'

const { Type, Class } = asn1

/** One DER value, as forge holds it. */
export type Der = forge.asn1.Asn1

export const sequence = (...items: Der[]): Der => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items)

export const setOf = (...items: Der[]): Der => asn1.create(Class.UNIVERSAL, Type.SET, true, items)

export const oid = (dotted: string): Der =>
  asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes())

export const nothing = (): Der => asn1.create(Class.UNIVERSAL, Type.NULL, false, '')

export const boolean = (value: boolean): Der =>
  asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, value ? '\xff' : '\x00')

export const printableString = (text: string): Der =>
  asn1.create(Class.UNIVERSAL, Type.PRINTABLESTRING, false, text)

export const octetString = (content: Der | Buffer): Der =>
  asn1.create(
    Class.UNIVERSAL,
    Type.OCTETSTRING,
    false,
    (Buffer.isBuffer(content) ? content : encode(content)).toString('latin1'),
  )

/** @param unused how many bits at the end of the last byte do not count */
export const bitString = (bytes: Buffer, unused = 0): Der =>
  asn1.create(
    Class.UNIVERSAL,
    Type.BITSTRING,
    false,
    Buffer.concat([Buffer.from([unused]), bytes]).toString('latin1'),
  )

/** A positive integer from its big-endian bytes. */
export const integer = (bytes: Buffer): Der => {
  const first = bytes.findIndex((byte) => byte !== 0)
  const trimmed = first < 0 ? Buffer.from([0]) : bytes.subarray(first)
  const padded = (trimmed[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, padded.toString('latin1'))
}

/** RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050 on. */
export const time = (date: Date): Der =>
  date.getUTCFullYear() < 2050
    ? asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(Class.UNIVERSAL, Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date))

/** [n] around values of its own (explicit). */
export const explicit = (tag: number, ...items: Der[]): Der =>
  asn1.create(Class.CONTEXT_SPECIFIC, tag, true, items)

/** [n] in place of a string type's own tag (implicit). */
export const implicit = (tag: number, bytes: Buffer): Der =>
  asn1.create(Class.CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'))

/** The bytes. */
export const encode = (value: Der): Buffer => Buffer.from(asn1.toDer(value).getBytes(), 'latin1')

/** Reads bytes; throws on anything that is not exactly one DER value. */
export const decode = (bytes: Buffer): Der => {
  const options = { strict: true, parseAllBytes: true, decodeBitStrings: false }
  // forge by default looks into bit strings, and a key's bits would come back as its numbers; the
  // options that turn it off are documented, but its types do not know them
  return Reflect.apply(asn1.fromDer, asn1, [bytes.toString('latin1'), options])
}

/** The values inside a constructed value; throws when it is not one. */
export function children(value: Der | undefined): Der[] {
  if (!value || !Array.isArray(value.value)) throw new Error('not a constructed ASN.1 value')
  return value.value
}

/** The content bytes of a primitive value; throws when it is not one. */
export function content(value: Der | undefined): Buffer {
  if (!value || typeof value.value !== 'string') throw new Error('not a primitive ASN.1 value')
  return Buffer.from(value.value, 'latin1')
}

/** The dotted form of an object identifier; throws when it is not one. */
export const dotted = (value: Der | undefined): string => asn1.derToOid(content(value).toString('latin1'))

/** Is it the [tag] of its context? */
export const isContext = (value: Der, tag: number): boolean =>
  value.tagClass === Class.CONTEXT_SPECIFIC && value.type === tag

export const isBoolean = (value: Der): boolean =>
  value.tagClass === Class.UNIVERSAL && value.type === Type.BOOLEAN
