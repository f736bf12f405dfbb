/** kubeadm's CertificateValidity: 8760 h. */
export const validityMs = 365 * 24 * 3600 * 1000
const dayMs = 24 * 3600 * 1000

/** A certificate is renewed in the last third of its life at the earliest. */
const lastPart = 3

/** From when to when a certificate is valid. */
export interface Validity {
  notBefore: Date
  notAfter: Date
}

/** When a certificate made now expires: in a year, and never after the authority that signs it. */
export function endOfNew(now: Date, authority: Validity, lifeMs = validityMs): Date {
  return new Date(Math.min(now.getTime() + lifeMs, authority.notAfter.getTime()))
}

/**
 * From when on a certificate is renewed: `renewBefore` ahead of its end, but never before the last third of its
 * life, so that a short one is not renewed at every run. Its life is what it says of itself; kubeadm (and we) date
 * the beginning back to the authority's.
 * @param renewBefore milliseconds
 */
export function renewFrom({ notBefore, notAfter }: Validity, renewBefore: number): Date {
  const life = Math.max(0, notAfter.getTime() - notBefore.getTime())
  return new Date(notAfter.getTime() - Math.min(renewBefore, life / lastPart))
}

/**
 * Whether a certificate is to be renewed now. Not where a new one would not live a day longer: that of an authority
 * which is itself near its end ends with it, and would be renewed at every run.
 * @param renewBefore milliseconds
 */
export function isDue(found: Validity, authority: Validity, now: Date, renewBefore: number): boolean {
  if (renewFrom(found, renewBefore) > now) return false
  return endOfNew(now, authority).getTime() - found.notAfter.getTime() >= dayMs
}
