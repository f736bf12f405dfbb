import semver from 'semver'
import { minorOf } from '../../inventory/version.js'
import { releases } from './index.js'
import type { Release } from './release.js'

/**
 * What versions of Kubernetes are to each other, "1.36.3", without the v; pre-releases too. Every function throws
 * Error for what is no version: what a host said has to go through isVersion before.
 */

export const isVersion = (text: string): boolean => semver.valid(text) !== null

export const isOlder = (version: string, than: string): boolean => semver.lt(version, than)

/** Undefined of none. */
export const oldestVersion = (versions: readonly string[]): string | undefined =>
  semver.sort([...versions])[0]

/** Undefined of none. */
export const newestVersion = (versions: readonly string[]): string | undefined =>
  semver.sort([...versions]).at(-1)

/** How many minors a version is newer than another: 1 of "1.36.3" and "1.35.6", below 0 where it is older. */
export const minorsNewer = (version: string, than: string): number => ordinal(version) - ordinal(than)

/** "1.36" of "1.35.6". */
export function minorAfter(version: string): string {
  const { major, minor } = new semver.SemVer(version)
  return `${major}.${minor + 1}`
}

/** Whether a version is of a minor, "1.36". */
export const isOfMinor = (version: string, minor: string): boolean => minorOf(version) === minor

/** What is known of the minor of a version, or of a minor; undefined where it is not supported. */
export const knownRelease = (version: string): Release | undefined => byMinor.get(minorOf(version))

/** How many minors older than an API server a kubelet or kube-proxy of this version may be; of a minor that is not known as of the nearest. */
export function nodeLag(version: string): number {
  const [oldest, newest] = [releases[0], releases.at(-1)]
  const nearest = oldest && isOlder(version, oldest.version) ? oldest : newest
  return (knownRelease(version) ?? nearest)?.nodeLag ?? 0
}

const byMinor: ReadonlyMap<string, Release> = new Map(releases.map((release) => [release.minor, release]))

/** A thousand a major version, should there ever be another. */
function ordinal(version: string): number {
  const { major, minor } = new semver.SemVer(version)
  return major * 1000 + minor
}
