import semver from 'semver'
import type { Release } from './release.js'

/** Those of a cluster by age, for whoever needs one of several; undefined of none. Pure. */
export const oldestOf = (releases: readonly Release[]): Release | undefined => inOrder(releases)[0]

/** The youngest by version; undefined of none. Pure. */
export const newestOf = (releases: readonly Release[]): Release | undefined => inOrder(releases).at(-1)

const inOrder = (releases: readonly Release[]): Release[] =>
  [...releases].sort((a, b) => semver.compare(a.version, b.version))

/** The oldest of versions as programs tell them, without v: "1.35.6"; what is no version does not count. Pure. */
export const oldestVersion = (told: readonly string[]): string | undefined =>
  told.flatMap((text) => semver.parse(text) ?? []).sort(semver.compare)[0]?.version

/** Whether two versions as programs tell them, "v1.36.3-dirty", are of one minor; false for what is no version. */
export function sameMinor(one: string, other: string): boolean {
  const [a, b] = [minorIn(one), minorIn(other)]
  return a !== undefined && a === b
}

/** As Kubernetes programs tell it: "v1.36.3", "v1.37.0-rc.0", "v1.36.3-dirty". */
const told = /^v(\d{1,3}\.\d{1,3})\.\d{1,4}(?:[-+][\w.+-]{1,100})?$/

/** The minor in "v1.36.3": "1.36"; undefined for what is no version. */
export const minorIn = (text: string): string | undefined => told.exec(text)?.[1]
