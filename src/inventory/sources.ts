import { createHash, type Hash } from 'node:crypto'
import { resolve } from 'node:path'
import { deepMerge } from '../lib/deep-merge.js'
import { UserError } from '../lib/errors.js'
import { isMapping } from '../lib/is-mapping.js'
import { yamlDocuments } from '../lib/yaml-documents.js'
import { type Path, type Place, readYaml, YamlError, type YamlSource } from '../lib/yaml-source.js'
import { InventoryError, type Problem } from './problem.js'
import { maxFileLength } from './read-file.js'

/** Where something stands: the file as messages name it, and the place in it. */
export interface FilePlace extends Place {
  label: string
}

/** An inventory of one or several documents and files, as one. */
export interface Sources {
  value: unknown
  placeOf(path: Path): FilePlace
  keyPlaceOf(path: Path): FilePlace
  rawOf(path: Path): string
  /** Hex SHA-256 of the texts of all its files, in the order in which they were read. */
  sha256: string
}

export interface Reading {
  /** The file's absolute path. */
  file: string
  /** How messages name it. */
  label: string
  /** Text of an included file by its absolute path; throws when it cannot be read. */
  readFile: (path: string) => string
}

interface Part {
  source: YamlSource
  label: string
}

/** Files and documents of one inventory: more than anybody keeps, and few enough to be read at once. */
const maxParts = 200
/** Characters of all of them. */
const maxLength = 4 * 1024 * 1024

/** What has been read so far of one inventory. */
interface Gathered {
  /** Absolute paths: a file that two others include is read once, before the first of them. */
  files: Set<string>
  parts: number
  length: number
  hash: Hash
}

/**
 * The documents of a file, and before them those of the files each includes: mappings are merged, anything
 * else is the later one's. Paths of included files start at the file that names them.
 * Throws InventoryError at the place that is no YAML, includes what cannot be, or makes it too many files.
 */
export function readSources(text: string, reading: Reading): Sources {
  const hash = createHash('sha256')
  const parts = partsOf(text, reading, [], { files: new Set([reading.file]), parts: 0, length: 0, hash })
  const value = parts
    .map(({ source }) => source.value)
    .reduce((below, over) => (isMapping(below) && isMapping(over) ? deepMerge(below, over) : (over ?? below)))
  /** The strongest of the parts that know most of the path. */
  const knowing = (path: Path): Part =>
    parts.reduce((best, part) => (part.source.depthOf(path) >= best.source.depthOf(path) ? part : best))
  return {
    value,
    placeOf: (path) => placed(knowing(path), (source) => source.placeOf(path)),
    keyPlaceOf: (path) => placed(knowing(path), (source) => source.keyPlaceOf(path)),
    rawOf: (path) => knowing(path).source.rawOf(path),
    sha256: hash.digest('hex'),
  }
}

function partsOf(text: string, reading: Reading, above: readonly string[], gathered: Gathered): Part[] {
  const { file, label } = reading
  gathered.length += text.length
  // the length keeps two files apart from one with the text of both
  gathered.hash.update(`${Buffer.byteLength(text)}\n${text}`)
  if (text.length > maxFileLength || gathered.length > maxLength)
    throw new UserError('inventory', `${label} is larger than ${text.length > maxFileLength ? 1 : 4} MiB`, {
      ...(text.length > maxFileLength ? {} : { why: 'counted with the files read before it' }),
      next: 'check that it is the right file',
    })
  return documentsOf(text, label, gathered).flatMap((document) => {
    const part = { source: read(document, label), label }
    const includes = includesOf(part.source.value)
    const before = includes.flatMap((name, i) => {
      const refuse = (what: string, write: string): InventoryError =>
        new InventoryError(label, [problem(part, ['include', i], what, write)])
      const path = resolve(file, '..', name)
      if ([...above, file].includes(path))
        throw refuse(
          `${name} includes this file, and this file includes it`,
          'remove one of the two includes',
        )
      if (gathered.files.has(path)) return []
      if (gathered.files.size >= maxParts)
        throw refuse(`this is file number ${maxParts + 1} of the inventory`, `use at most ${maxParts} files`)
      gathered.files.add(path)
      return partsOf(
        contentOf(path, name, reading, refuse),
        { ...reading, file: path, label: beside(label, name) },
        [...above, file],
        gathered,
      )
    })
    return [...before, part]
  })
}

/** Marks are counted before the text is cut at them: each document is as long as what stands before it. */
function documentsOf(text: string, label: string, gathered: Gathered): string[] {
  const marks = text.match(/^(---|\.\.\.)(?=\s|$)/gm)?.length ?? 0
  gathered.parts += 1 + marks
  if (gathered.parts > 2 * maxParts)
    throw new UserError('inventory', `${label} has more than ${2 * maxParts} YAML documents`, {
      why: 'counted with the files read before it',
      next: 'merge documents: each key may stand once in one document',
    })
  return yamlDocuments(text)
}

function contentOf(
  path: string,
  name: string,
  { readFile }: Reading,
  refuse: (what: string, write: string) => InventoryError,
): string {
  try {
    return readFile(path)
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw refuse(`cannot read ${name}: ${why}`, `name a file by its path relative to this file: ${path}`)
  }
}

/** What cannot be a list of files is left for the schema to refuse. */
function includesOf(value: unknown): readonly string[] {
  const include = isMapping(value) ? value.include : undefined
  return Array.isArray(include) && include.every((one) => typeof one === 'string') ? include : []
}

function read(document: string, label: string): YamlSource {
  try {
    return readYaml(document)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new InventoryError(label, [{ ...at(label, error.place), ...wordsOf(error) }])
  }
}

function wordsOf({ message, wellFormed }: YamlError): Pick<Problem, 'what' | 'write'> {
  if (wellFormed)
    return { what: message, write: 'remove it, or write less of it; check that it is the right file' }
  if (message.includes('duplicated mapping key'))
    return { what: 'this key occurs twice', write: 'keep one of the two' }
  return {
    what: `not YAML: ${message}`,
    write: 'check the indentation and the quotes around this place',
  }
}

function problem(part: Part, path: Path, what: string, write: string): Problem {
  return { ...at(part.label, part.source.placeOf(path)), what, write }
}

function at(label: string, { line, column }: Place): { at: string; line: number; column: number } {
  return { at: `${label}:${line}:${column}`, line, column }
}

function placed({ source, label }: Part, place: (source: YamlSource) => Place): FilePlace {
  return { ...place(source), label }
}

/** "lab/a.yaml" includes "common/b.yaml": "lab/common/b.yaml". */
function beside(label: string, name: string): string {
  return name.startsWith('/') ? name : label.slice(0, label.lastIndexOf('/') + 1) + name
}
