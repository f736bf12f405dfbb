import { isMapping } from '../../lib/is-mapping.js'
import type { MinorRelease } from './release.js'

/** Stands in a difference where the predecessor had something and the successor has nothing. */
export const gone = Symbol('gone')

/** Any part of T: mappings are merged with the predecessor's, lists and single values replace them. */
export type Difference<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Difference<T[K]> | typeof gone }
    : T

/** What no minor takes over from its predecessor: it stands in the file of each. */
type Own = Pick<MinorRelease, 'minor' | 'patch' | 'untested'>

/**
 * A release as its predecessor and what is other than there.
 * @param difference without what stays the same; `gone` for what is no longer there
 */
export function after(
  predecessor: MinorRelease,
  difference: Own & Difference<Omit<MinorRelease, keyof Own>>,
): MinorRelease {
  return merged(predecessor, difference) as unknown as MinorRelease
}

type Json = Readonly<Record<string, unknown>>

function merged(base: object, over: object): Json {
  const out: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = out[key]
    if (value === gone) delete out[key]
    else out[key] = isMapping(value) ? merged(isMapping(below) ? below : {}, value) : value
  }
  return out
}
