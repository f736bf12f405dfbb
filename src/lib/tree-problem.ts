import type { Path } from './yaml-source.js'

/** Levels of a tree, aliases written out; js-yaml's own limit for what is written. */
export const maxDepth = 100

/**
 * What makes a value no JSON tree: it contains itself (YAML's aliases can), it is nested too deeply to be walked,
 * or a key is `__proto__`, which libraries drop without a word. undefined when there is nothing. Shared values
 * are looked at once.
 */
export function treeProblem(value: unknown): { path: Path; what: string } | undefined {
  const seen = new Set<object>()
  const look = (here: unknown, path: Path, above: readonly object[]): ReturnType<typeof treeProblem> => {
    if (typeof here !== 'object' || here === null) return undefined
    if (above.includes(here)) return { path, what: 'this value contains itself' }
    if (seen.has(here)) return undefined
    if (path.length > maxDepth) return { path, what: `this is nested deeper than ${maxDepth} levels` }
    seen.add(here)
    for (const [key, inner] of Object.entries(here)) {
      const inside = [...path, key]
      if (key === '__proto__') return { path: inside, what: 'a key cannot be called __proto__' }
      const found = look(inner, inside, [...above, here])
      if (found) return found
    }
    return undefined
  }
  return look(value, [], [])
}
