import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
import { treeProblem } from './tree-problem.js'
import { oversized } from './tree-size.js'
import { type YamlNode, yamlTree } from './yaml-tree.js'

/** A place in a text, both counted from 1. */
export interface Place {
  line: number
  column: number
}

export type Path = readonly PropertyKey[]

export interface YamlSource {
  value: unknown
  /** Where the value at a path stands; the nearest enclosing one when there is none. */
  placeOf(path: Path): Place
  /** Where the key of the path's last element stands; as placeOf for list items. */
  keyPlaceOf(path: Path): Place
  /** How many parts of a path lead somewhere. */
  depthOf(path: Path): number
  /** A plain scalar as it is written: `1.20`, which as a number is 1.2. */
  rawOf(path: Path): string
}

/** The text is not YAML, or YAML that is not read; says where. */
export class YamlError extends Error {
  /** @param wellFormed it is YAML, and refused for what it contains */
  constructor(
    message: string,
    readonly place: Place,
    readonly wellFormed = false,
  ) {
    super(message)
    this.name = 'YamlError'
  }
}

/**
 * Reads one YAML document by YAML 1.2's core schema: `1.20` is a number, `yes` a string.
 *
 * Places come from js-yaml's listener. The library `yaml` 2.9.1, which has them, was tried in its place (November 2026): for
 * 500 hosts a first read with all places took 540 to 780 ms of processor time in place of 110 to 130, for 5 hosts 23 ms in
 * place of 5; of 6,000 odd texts it read 165 that js-yaml refuses, refused 37, and read 27 to another value; the code became
 * longer. Its messages are better for 27 of 41 typical mistakes. js-yaml 5 has `parseEvents` with offsets: when it is taken,
 * the listener goes.
 * Throws YamlError, also for what no JSON can hold (a value that contains itself, a key `__proto__`), for nesting
 * deeper than js-yaml's 100, and for aliases that stand for more than `treeLimits` allow.
 */
export function readYaml(written: string): YamlSource {
  // js-yaml drops a byte order mark and counts from behind it
  const text = written.replace(/^\ufeff/, '')
  const tree = yamlTree(text)
  let value: unknown
  try {
    value = load(text, { schema: CORE_SCHEMA, listener: tree.listener })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    // it adds a line feed to a text without one, and may point behind it
    throw new YamlError(error.reason, placesIn(text)(Math.min(error.mark?.position ?? 0, text.length)))
  }
  const root = tree.root()
  const walk = (path: Path, wanted: 'key' | 'value'): number => {
    let node: YamlNode | undefined = root
    let at = root?.start ?? 0
    for (const part of path) {
      const entry: { key?: YamlNode; value?: YamlNode } | undefined = node?.entry(part)
      if (!entry) break
      at = (wanted === 'key' ? (entry.key ?? entry.value) : entry.value)?.start ?? at
      node = entry.value
    }
    return at
  }
  const placeAt = placesIn(text)
  const problem = treeProblem(value) ?? oversized(value)
  if (problem) throw new YamlError(problem.what, placeAt(walk(problem.path, 'key')), true)
  return {
    value,
    placeOf: (path) => placeAt(walk(path, 'value')),
    keyPlaceOf: (path) => placeAt(walk(path, 'key')),
    depthOf: (path) => {
      let node: YamlNode | undefined = root
      const missing = path.findIndex((part) => {
        const entry: ReturnType<YamlNode['entry']> = node?.entry(part)
        node = entry?.value
        return entry === undefined
      })
      return missing === -1 ? path.length : missing
    },
    rawOf: (path) => rawAt(text, walk(path, 'value')),
  }
}

/** The word of a plain scalar, behind its anchor and tag; of an alias, what its anchor stands at. */
function rawAt(text: string, offset: number): string {
  const [, word = ''] = /^(?:[&!][^\s,\]}]*\s+)*([^\s,\]}#]*)/.exec(text.slice(offset)) ?? []
  if (!word.startsWith('*')) return word
  const before = text.slice(0, offset)
  const anchors = [...before.matchAll(/&([^\s,\]}]+)\s/g)].filter(([, name]) => name === word.slice(1))
  const anchor = anchors.at(-1)
  return anchor ? rawAt(text, anchor.index) : word
}

/** From an offset to its place. Lines are counted once: an inventory asks for the place of each of its settings. */
function placesIn(text: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    // js-yaml may point behind the end of a text of blanks
    const within = Math.min(offset, text.length)
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= within) low = middle
      else high = middle
    }
    return { line: low + 1, column: within - (starts[low] ?? 0) + 1 }
  }
}
