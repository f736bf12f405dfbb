import { maxDepth } from './tree-problem.js'
import type { Path } from './yaml-source.js'

/** How large a tree may be once every alias in it is written out. */
export interface TreeLimits {
  /** Keys are not counted, values and lists and mappings are. */
  values: number
  /** Of all strings, keys included. */
  characters: number
  levels: number
}

/** Several times the largest inventory a person keeps (some thousand hosts); it is read and checked within a second. */
export const treeLimits: TreeLimits = { values: 100_000, characters: 4 * 1024 * 1024, levels: maxDepth }

/**
 * Where a tree without cycles (see treeProblem) is larger than the limits allow, undefined where it is not. What aliases share is
 * measured once and counted at every place, so the measuring itself is short.
 */
export function oversized(
  value: unknown,
  limits: TreeLimits = treeLimits,
): { path: Path; what: string } | undefined {
  const known = new Map<object, TreeLimits>()
  const measure = (here: unknown): TreeLimits => {
    if (typeof here === 'string') return { values: 1, characters: here.length, levels: 1 }
    if (typeof here !== 'object' || here === null) return { values: 1, characters: 0, levels: 1 }
    const before = known.get(here)
    if (before) return before
    const size = { values: 1, characters: 0, levels: 1 }
    for (const [key, inner] of Object.entries(here)) {
      const { values, characters, levels } = measure(inner)
      size.values += values
      size.levels = Math.max(size.levels, levels + 1)
      size.characters += characters + (Array.isArray(here) ? 0 : key.length)
    }
    known.set(here, size)
    return size
  }
  const tooLarge = (here: unknown): keyof TreeLimits | undefined => {
    const size = measure(here)
    return (['values', 'characters', 'levels'] as const).find((kind) => size[kind] > limits[kind])
  }
  const kind = tooLarge(value)
  if (!kind) return undefined
  const path: PropertyKey[] = []
  for (let here = value; ; ) {
    if (typeof here !== 'object' || here === null) break
    const large = Object.entries(here).find(([, inner]) => tooLarge(inner))
    if (!large) break
    path.push(large[0])
    here = large[1]
  }
  return {
    path,
    what: `with its aliases written out this has more than ${limits[kind].toLocaleString('en-US')} ${kind}`,
  }
}
