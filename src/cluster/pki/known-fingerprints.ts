import { fingerprintsOf } from '../../pki/trust.js'
import type { Context } from '../context.js'

/** Hex SHA-256 of the certificates of the cluster's CA, sorted; undefined while no CA is known: there is no cluster. */
export function knownFingerprints({ authorities }: Pick<Context, 'authorities'>): string[] | undefined {
  return authorities.known
    ? [...fingerprintsOf(authorities.get().trusted('kubernetes'))].toSorted()
    : undefined
}
