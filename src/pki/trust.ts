import { certificateFingerprint } from './fingerprint.js'

/** Certificates that are trusted, in PEM, in the order of the file they are in: ca.crt holds several while a CA is rotated. */
export type TrustList = readonly string[]

/**
 * The certificates of a file, each with what stands before it: together they are the text, byte for byte. What has none is
 * one by itself.
 */
export const trustListOf = (text: string): TrustList =>
  text.split(/(?<=-----END CERTIFICATE-----[^\S\n]*\n)(?=[\s\S]*-----BEGIN CERTIFICATE-----)/)

/** The text of a file with these. */
export const trustText = (list: TrustList): string =>
  list.map((one, i) => (i === list.length - 1 || one.endsWith('\n') ? one : `${one}\n`)).join('')

/** Their fingerprints, each once. Throws where one is not a certificate. */
export const fingerprintsOf = (list: TrustList): ReadonlySet<string> =>
  new Set(list.map(certificateFingerprint))

/** Whether a certificate of one is among the other: clients of both know each other's servers. Throws as `fingerprintsOf`. */
export function shares(one: TrustList, other: TrustList): boolean {
  const known = fingerprintsOf(other)
  return [...fingerprintsOf(one)].some((fingerprint) => known.has(fingerprint))
}

/** Whether a list has all of another. Throws as `fingerprintsOf`. */
export function trustsAll(list: TrustList, wanted: TrustList): boolean {
  const known = fingerprintsOf(list)
  return [...fingerprintsOf(wanted)].every((fingerprint) => known.has(fingerprint))
}

/** Whether they are the same certificates, in whatever order. Throws as `fingerprintsOf`. */
export const sameTrust = (one: TrustList, other: TrustList): boolean =>
  trustsAll(one, other) && trustsAll(other, one)

/**
 * What is trusted where machines have these lists of one authority: each certificate once, in the order of the first, then
 * of those that share one with it, or with another that does. Throws as `fingerprintsOf`.
 */
export function joinedTrust(first: TrustList, others: readonly TrustList[]): TrustList {
  const near = others.filter((one) => shares(one, first))
  const known = new Set<string>()
  const joined = [...first, ...near.flat()].filter((pem) => {
    const fingerprint = certificateFingerprint(pem)
    const isNew = !known.has(fingerprint)
    known.add(fingerprint)
    return isNew
  })
  return near.length === 0
    ? joined
    : joinedTrust(
        joined,
        others.filter((one) => !near.includes(one)),
      )
}
