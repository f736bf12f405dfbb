import semver from 'semver'
import type { ContainerdRange } from './release.js'

/** Why a containerd of this version cannot work with a kubelet: which bound of its release it misses; undefined where it can. */
export function boundMissed(
  { least, below }: ContainerdRange,
  version: string,
): { bound: 'old' | 'new'; why: string } | undefined {
  if (least && semver.lt(version, least.version)) return { bound: 'old', why: least.why }
  if (below && semver.gte(version, below.version)) return { bound: 'new', why: below.why }
  return undefined
}
