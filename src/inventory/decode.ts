import { UserError } from '../lib/errors.js'
import { type Path, readYaml, YamlError, type YamlSource } from '../lib/yaml-source.js'
import { furtherProblems } from './further-problems.js'
import type { Known } from './known.js'
import { meaningProblems } from './meaning-problems.js'
import { InventoryError, type Problem } from './problem.js'
import { inventorySchema } from './schema.js'
import { type Found, shapeProblems } from './shape-problems.js'
import type { ClusterSpec } from './spec.js'
import type { SshWorld } from './ssh-config/world.js'
import { toSpec } from './to-spec.js'

export interface DecodeOptions {
  /** Absolute path of the inventory. */
  file: string
  /** How the file is named in messages. */
  label: string
  /** The user's home directory, for ~. */
  home: string
  known: Known
  /** The machine whose SSH configuration counts; undefined: none is read. */
  sshWorld?: SshWorld
}

/** Larger than any inventory a person writes. */
const maxLength = 1024 * 1024

/**
 * From text to a frozen ClusterSpec. Pure but for what `sshWorld` reads. Throws InventoryError with every
 * problem at once, UserError('inventory') for an SSH configuration that cannot be understood.
 */
export function decodeInventory(text: string, options: DecodeOptions): ClusterSpec {
  if (text.length > maxLength)
    throw new UserError('inventory', `${options.label} is larger than 1 MiB`, {
      next: 'is it the right file?',
    })
  const source = read(text, options)
  const placed = (found: readonly Found[]): Problem[] => found.map((one) => place(one, source, options.label))
  const decoded = inventorySchema.safeParse(source.value)
  if (!decoded.success) {
    const { issues } = decoded.error
    const shape = shapeProblems(source.value, issues, source.rawOf)
    throw new InventoryError(
      options.label,
      placed([...shape, ...furtherProblems(source.value, issues, options.known)]),
    )
  }
  const found = meaningProblems(decoded.data, options.known)
  if (found.length > 0) throw new InventoryError(options.label, placed(found))
  const at = (path: Path): string => {
    const { line, column } = source.keyPlaceOf(path)
    return `${options.label}:${line}:${column}`
  }
  return toSpec(decoded.data, { ...options, at })
}

function read(text: string, { label }: DecodeOptions): YamlSource {
  try {
    return readYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const { line, column } = error.place
    const duplicate = error.message.includes('duplicated mapping key')
    throw new InventoryError(label, [
      {
        at: `${label}:${line}:${column}`,
        line,
        column,
        what: duplicate ? 'this key stands here for the second time' : `not YAML: ${error.message}`,
        write: duplicate ? 'keep one of the two' : 'mind the indentation and the quotes around this place',
      },
    ])
  }
}

function place({ path, what, write, key }: Found, source: YamlSource, label: string): Problem {
  const { line, column } = key ? source.keyPlaceOf(path) : source.placeOf(path)
  return { at: `${label}:${line}:${column}`, line, column, what, write }
}
