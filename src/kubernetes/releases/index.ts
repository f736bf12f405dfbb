import { UserError } from '../../lib/errors.js'
import type { Release } from './release.js'
import { v1_20 } from './v1-20.js'
import { v1_36 } from './v1-36.js'

const releases: readonly Release[] = [v1_20, v1_36]

/** Minors kubestrap can make clusters of, oldest first: "1.20". */
export const supportedMinors: readonly string[] = releases.map(({ minor }) => minor)

/**
 * What depends on the minor of this version.
 * @param version "1.20.2", without the v
 * @throws UserError('inventory') when the minor is not supported
 */
export function releaseFor(version: string): Release {
  const minor = version.split('.').slice(0, 2).join('.')
  const found = releases.find((release) => release.minor === minor)
  if (found) return found
  throw new UserError('inventory', `Kubernetes ${version} is not supported`, {
    next: `set kubernetes.version to a version of ${supportedMinors.join(' or ')}`,
  })
}
