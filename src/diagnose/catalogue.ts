import type { Cause } from './cause.js'
import { apiCauses } from './causes/api.js'
import { etcdCauses } from './causes/etcd.js'
import { hostCauses } from './causes/host.js'
import { imageCauses } from './causes/images.js'
import { joinCauses } from './causes/join.js'
import { kubeletCauses } from './causes/kubelet.js'
import { networkCauses } from './causes/network.js'
import { packageCauses } from './causes/packages.js'

const all: readonly Cause[] = [
  ...hostCauses,
  ...packageCauses,
  ...imageCauses,
  ...etcdCauses,
  // its general ones are the most general: what else is known comes before
  ...kubeletCauses,
  ...apiCauses,
  ...networkCauses,
  ...joinCauses,
]

/**
 * The first that fits wins, so what brings others about comes first, in each area and among them: a full disk before what
 * could not be written; what is general comes last. Every entry has fixtures in test/unit/diagnose/fixtures, which fit no other.
 */
export const causes: readonly Cause[] = [
  ...all.filter(({ general }) => !general),
  ...all.filter(({ general }) => general),
]
