import { CORE_SCHEMA, load, YAMLException } from 'js-yaml'
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
  /** A plain scalar as it is written: `1.20`, which as a number is 1.2. */
  rawOf(path: Path): string
}

/** The text is not YAML; says where. */
export class YamlError extends Error {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(message)
    this.name = 'YamlError'
  }
}

/**
 * Reads one YAML document by YAML 1.2's core schema: `1.20` is a number, `yes` a string.
 * Throws YamlError.
 */
export function readYaml(text: string): YamlSource {
  const tree = yamlTree(text)
  let value: unknown
  try {
    value = load(text, { schema: CORE_SCHEMA, listener: tree.listener })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { line = 0, column = 0 } = error.mark ?? {}
    throw new YamlError(error.reason, { line: line + 1, column: column + 1 })
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
  return {
    value,
    placeOf: (path) => placeAt(text, walk(path, 'value')),
    keyPlaceOf: (path) => placeAt(text, walk(path, 'key')),
    rawOf: (path) => /^[^\s,\]}#]*/.exec(text.slice(walk(path, 'value')))?.[0] ?? '',
  }
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
