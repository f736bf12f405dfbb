import { minorOf } from '../../inventory/version.js'
import { UserError } from '../../lib/errors.js'
import { insteadOfMinor } from './instead-of-minor.js'
import type { MinorRelease, Release } from './release.js'
import { v1_20 } from './v1-20.js'
import { v1_21 } from './v1-21.js'
import { v1_22 } from './v1-22.js'
import { v1_23 } from './v1-23.js'
import { v1_24 } from './v1-24.js'
import { v1_25 } from './v1-25.js'
import { v1_26 } from './v1-26.js'
import { v1_27 } from './v1-27.js'
import { v1_28 } from './v1-28.js'
import { v1_29 } from './v1-29.js'
import { v1_30 } from './v1-30.js'
import { v1_31 } from './v1-31.js'
import { v1_32 } from './v1-32.js'
import { v1_33 } from './v1-33.js'
import { v1_34 } from './v1-34.js'
import { v1_35 } from './v1-35.js'
import { v1_36 } from './v1-36.js'
import { v1_37 } from './v1-37.js'

/** Every minor, oldest first, each in a file with what is other than in the one before it. */
const minors: readonly MinorRelease[] = [
  v1_20,
  v1_21,
  v1_22,
  v1_23,
  v1_24,
  v1_25,
  v1_26,
  v1_27,
  v1_28,
  v1_29,
  v1_30,
  v1_31,
  v1_32,
  v1_33,
  v1_34,
  v1_35,
  v1_36,
  v1_37,
]

/** Every minor in the newest patch release that is known, oldest first. */
export const releases: readonly Release[] = minors.map((minor) => ({ ...minor, version: minor.patch }))

/** Minors kubestrap can make clusters of, oldest first: "1.20". */
export const supportedMinors: readonly string[] = releases.map(({ minor }) => minor)

/** The directories of certificate authorities that any minor mounts where a host has them: asked for before the minor is known. */
export const caDirectories: readonly string[] = [
  ...new Set(releases.flatMap(({ staticPods }) => staticPods.caDirectories)),
]

/**
 * This version, with what depends on its minor.
 * @param version "1.20.2", without the v; a minor alone is its newest known patch release
 * @throws UserError('inventory') when the minor is not supported
 */
export function releaseFor(version: string): Release {
  const minor = minorOf(version)
  const found = releases.find((release) => release.minor === minor)
  if (found) return version === minor ? found : { ...found, version }
  throw new UserError('inventory', `Kubernetes ${version} is not supported`, {
    next: insteadOfMinor(minor, supportedMinors),
  })
}
