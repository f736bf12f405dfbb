import { controlCharacter } from '../lib/control-characters.js'
import type { Path } from '../lib/yaml-source.js'
import type { Found } from './shape-problems.js'

/**
 * Control characters, refused here once for every string of an inventory, keys included, wherever they go later.
 * What is said shows no value: it may be a secret in the wrong place.
 */
export function textProblems(value: unknown): Found[] {
  const found: Found[] = []
  const look = (here: unknown, path: Path): void => {
    if (typeof here === 'string') refuse(here, path, false)
    if (typeof here !== 'object' || here === null) return
    for (const [key, inner] of Object.entries(here)) {
      if (!Array.isArray(here)) refuse(key, [...path, key], true)
      look(inner, [...path, key])
    }
  }
  const refuse = (text: string, path: Path, key: boolean): void => {
    const character = controlCharacter(text)
    if (character === undefined) return
    const name =
      path
        .slice(0, key ? -1 : undefined)
        .map(String)
        .join('.') || 'the inventory'
    found.push({
      path,
      key,
      what: key ? `a key below ${name} has ${character} in it` : `${name} has ${character} in it`,
      write:
        'one line of printable characters (a YAML block, | or >, ends with a line feed: |- or >- do not)',
    })
  }
  look(value, [])
  return found
}
