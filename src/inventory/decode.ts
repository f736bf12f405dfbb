import type { Path } from '../lib/yaml-source.js'
import type { Kept } from './choice.js'
import { chosen } from './chosen.js'
import { furtherProblems } from './further-problems.js'
import type { Known } from './known.js'
import { meaningProblems } from './meaning-problems.js'
import { InventoryError, type Problem } from './problem.js'
import { inventorySchema } from './schema/schema.js'
import { type Found, shapeProblems } from './shape-problems.js'
import { readSources, type Sources } from './sources.js'
import type { ClusterSpec } from './spec.js'
import type { SshWorld } from './ssh-config/world.js'
import { textProblems } from './text-problems.js'
import { toSpec } from './to-spec.js'

export interface DecodeOptions {
  /** Absolute path of the inventory. */
  file: string
  /** How the file is named in messages. */
  label: string
  /** The user's home directory, for ~. */
  home: string
  known: Known
  /** Text of an included file by its absolute path; throws when it cannot be read. Default: none can. */
  readFile?: (path: string) => string
  /** The machine whose SSH configuration counts; undefined: none is read. */
  sshWorld?: SshWorld
  /** Takes precedence over the version that the inventory names. Default: none does. */
  version?: string
  /** What the cluster has, of what the inventory does not name. Default: nothing is known. */
  kept?: Kept
}

/**
 * From text to a frozen ClusterSpec. Pure but for what `readFile` and `sshWorld` read. Throws
 * InventoryError with every problem at once, UserError('inventory') for an SSH configuration that cannot be understood.
 */
export function decodeInventory(written: string, options: DecodeOptions): ClusterSpec {
  const source = readSources(written, { readFile: nothing, ...options })
  const text = textProblems(source.value)
  const placed = (found: readonly Found[]): Problem[] =>
    [...text, ...found.filter((one) => !text.some((other) => samePath(one, other)))].map((one) =>
      place(one, source),
    )
  const decoded = inventorySchema.safeParse(source.value)
  if (!decoded.success) {
    const { issues } = decoded.error
    const shape = shapeProblems(source.value, issues, source.rawOf)
    throw new InventoryError(
      options.label,
      placed([...shape, ...furtherProblems(source.value, issues, options.known)]),
    )
  }
  const inventory = chosen(decoded.data, options.known, options.kept, options.version)
  const found = meaningProblems(inventory, options.known)
  if (found.length + text.length > 0) throw new InventoryError(options.label, placed(found))
  const at = (path: Path): string => {
    const { label, line, column } = source.keyPlaceOf(path)
    return `${label}:${line}:${column}`
  }
  return toSpec(inventory, {
    ...options,
    at,
    sha256: source.sha256,
    keeping: (kept) => decodeInventory(written, { ...options, kept: { ...options.kept, ...kept } }),
    atVersion: (version) => decodeInventory(written, { ...options, version }),
  })
}

function nothing(): string {
  throw new Error('files cannot be read here')
}

/** Of a text with control characters in it nothing else is said. */
function samePath(one: Found, other: Found): boolean {
  return one.path.map(String).join('\n') === other.path.map(String).join('\n')
}

function place({ path, what, write, key }: Found, source: Sources): Problem {
  const { label, line, column } = key ? source.keyPlaceOf(path) : source.placeOf(path)
  return { at: `${label}:${line}:${column}`, line, column, what, write }
}
