import { isDeepStrictEqual } from 'node:util'
import { isMapping } from './is-mapping.js'
import { yamlDocuments } from './yaml-documents.js'
import { type Path, readYaml, type YamlSource } from './yaml-source.js'

/** The lines of an entry, counted from 1, the last included. */
export interface Lines {
  first: number
  last: number
}

/** An entry cannot be cut out of a text by whole lines; says why. */
export class NotWholeLines extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'NotWholeLines'
  }
}

/**
 * A text of YAML documents without an entry of a mapping, wherever a document has it: its lines are cut out, all others stay
 * byte for byte, comments around it too. What is left is read again: it says what it said, less the entry. Pure.
 * @returns undefined where no document has the entry
 * Throws NotWholeLines where it shares a line with something else, where others refer to it, and where it is the only one of its
 * mapping; YamlError for what is no YAML.
 */
export function yamlWithout(text: string, path: readonly string[]): string | undefined {
  const documents = yamlDocuments(text).map((document) => ({ document, source: readYaml(document) }))
  const having = documents.filter(({ source }) => has(source.value, path))
  if (having.length === 0) return undefined
  const wanted = documents.map(({ source }) => without(source.value, path))
  const lines = text.split(/(?<=\n)/)
  // each document stands on its own lines
  const cuts = having.map(({ document, source }) => candidates(document, source, path))
  for (const nth of [0, 1]) {
    const chosen = cuts.map((all) => all[Math.min(nth, all.length - 1)])
    const left = lines
      .filter((_, i) => !chosen.some((cut) => cut && cut.first <= i + 1 && i + 1 <= cut.last))
      .join('')
    if (isDeepStrictEqual(valuesOf(left), wanted)) return left
  }
  const [first] = having
  const mapping = first && at(first.source.value, path.slice(0, -1))
  const only = isMapping(mapping) && Object.keys(mapping).length === 1
  throw new NotWholeLines(
    only
      ? `${path.at(-1)} is the only entry of ${path.slice(0, -1).join('.')} in its document`
      : `without its lines the rest would no longer say the same: ${path.at(-1)} is referred to, or does not stand alone on its lines`,
  )
}

/**
 * Which lines an entry may be: up to the next key of any mapping that it is in; and up to the next line that is
 * indented no more than its key. Blanks and comments behind it are not of it.
 */
function candidates(document: string, source: YamlSource, path: Path): Lines[] {
  const lines = document.split(/\r?\n/)
  const { line: first, column } = source.keyPlaceOf(path)
  const before = (lines[first - 1] ?? '').slice(0, column - 1)
  if (/[^ ]/.test(before))
    throw new NotWholeLines(`something else stands before ${String(path.at(-1))} on its line`)
  const starts = path.flatMap((_, depth) => {
    const mapping = at(source.value, path.slice(0, depth))
    return Object.keys(isMapping(mapping) ? mapping : {})
      .filter((key) => key !== path[depth])
      .map((key) => source.keyPlaceOf([...path.slice(0, depth), key]).line)
  })
  const next = Math.min(lines.length + 1, ...starts.filter((line) => line >= first))
  const indented = lines.findIndex((line, i) => i >= first && !isNothing(line) && indentOf(line) < column)
  return [next - 1, indented === -1 ? lines.length : indented]
    .map((last) => trimmed(lines, first, last))
    .filter(({ last }) => last >= first)
}

const indentOf = (line: string): number => line.length - line.trimStart().length
const isNothing = (line: string): boolean => /^\s*(#.*)?$/.test(line)

function trimmed(lines: readonly string[], first: number, end: number): Lines {
  let last = end
  while (last > first && isNothing(lines[last - 1] ?? '')) last -= 1
  return { first, last }
}

function valuesOf(text: string): unknown[] | undefined {
  try {
    return yamlDocuments(text).map((document) => readYaml(document).value)
  } catch {
    // cut in the wrong place
    return undefined
  }
}

const has = (value: unknown, path: readonly string[]): boolean => {
  const mapping = at(value, path.slice(0, -1))
  return isMapping(mapping) && Object.hasOwn(mapping, path.at(-1) ?? '')
}

function at(value: unknown, path: Path): unknown {
  return path.reduce(
    (here, part) => (isMapping(here) && Object.hasOwn(here, part) ? here[String(part)] : undefined),
    value,
  )
}

function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (!isMapping(value) || !Object.hasOwn(value, key)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, own]) =>
      name !== key ? [[name, own]] : rest.length > 0 ? [[name, without(own, rest)]] : [],
    ),
  )
}
