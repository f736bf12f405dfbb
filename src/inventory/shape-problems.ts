import type { z } from 'zod'
import { nearest } from '../lib/nearest.js'
import { ownValue } from '../lib/own-value.js'
import { plainValue } from '../lib/plain-value.js'
import type { Path } from '../lib/yaml-source.js'
import { inventorySchema } from './schema/schema.js'
import { secretKeys, secretProblem } from './secret-reference.js'

/** A problem before its place is known. `key`: it is the key that is wrong, not its value. */
export interface Found {
  path: Path
  what: string
  write: string
  key?: boolean
}

/**
 * The shape of the inventory against the schema: unknown keys, missing ones, wrong types.
 * @param rawOf the text of a scalar as it is written, which a number no longer tells (1.20 is 1.2)
 */
export function shapeProblems(
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  rawOf: (path: Path) => string,
): Found[] {
  return issues.flatMap((issue): Found[] => {
    const name = issue.path.map(String).join('.') || 'the inventory'
    const got = at(value, issue.path)
    if (secretKeys.has(issue.path.at(-1) ?? '')) return [secretProblem(issue.path, got === undefined)]
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => {
        const keys = keysAt(issue.path)
        const close = nearest(key, keys)
        if (key === '<<')
          return {
            path: [...issue.path, key],
            key: true,
            what: 'YAML 1.2 has no merge key <<',
            write:
              'settings that hosts share: defaults: for all of them, groups: { NAME: … } and groups: [NAME] for some; other files: include: [FILE]',
          }
        return {
          path: [...issue.path, key],
          key: true,
          what: `unknown key ${key}`,
          write: close ? `did you mean ${close}?` : `known keys: ${keys.join(', ')}`,
        }
      })
    if (issue.code === 'invalid_type' && got === undefined)
      return [
        {
          path: issue.path,
          what: `${name} is missing`,
          write: describe(issue.path, String(issue.path.at(-1) ?? '')),
        },
      ]
    if (
      issue.code === 'invalid_type' &&
      issue.expected === 'string' &&
      (typeof got === 'number' || typeof got === 'boolean')
    )
      return [
        {
          path: issue.path,
          what: `${name} is the ${typeof got} ${rawOf(issue.path)}, not a string`,
          write: `quote it: ${String(issue.path.at(-1))}: "${rawOf(issue.path)}"`,
        },
      ]
    if (issue.code === 'invalid_type')
      return [
        {
          path: issue.path,
          what: `${name} is ${article(got)}, should be ${expected(issue.expected)}`,
          write: describe(issue.path, ''),
        },
      ]
    if (issue.code === 'invalid_value') return [valueProblem(issue.path, name, got, issue.values.map(String))]
    return [
      { path: issue.path, what: `${name}: ${issue.message.toLowerCase()}`, write: describe(issue.path, '') },
    ]
  })
}

function valueProblem(path: Path, name: string, got: unknown, values: readonly string[]): Found {
  const close = nearest(plainValue(got), values)
  const list = values.join(', ')
  return {
    path,
    what: `${name} cannot be ${JSON.stringify(got)}`,
    write: close ? `did you mean ${close}? (${list})` : `one of: ${list}`,
  }
}

function at(value: unknown, path: Path): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.entries(here).find(([key]) => key === String(part))?.[1]
  }
  return here
}

/** The schema at a path, through optionals, records and lists. */
function schemaAt(path: Path): z.core.$ZodType | undefined {
  let here: z.core.$ZodType | undefined = inventorySchema
  for (const part of path) {
    const def: z.core.$ZodTypeDef | undefined = here && unwrap(here)._zod.def
    if (!def) return undefined
    if (def.type === 'object') here = ownValue((def as z.core.$ZodObjectDef).shape, String(part))
    else if (def.type === 'record') here = (def as z.core.$ZodRecordDef).valueType
    else if (def.type === 'array') here = (def as z.core.$ZodArrayDef).element
    else return undefined
    if (!here) return undefined
  }
  return here
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod
  return def.type === 'optional' ? unwrap((def as z.core.$ZodOptionalDef).innerType) : schema
}

function keysAt(path: Path): string[] {
  const schema = schemaAt(path)
  if (!schema) return []
  const { def } = unwrap(schema)._zod
  return def.type === 'object' ? Object.keys((def as z.core.$ZodObjectDef).shape) : []
}

/** What the schema says about a key, as a hint. */
function describe(path: Path, missing: string): string {
  const schema = schemaAt(path)
  const text = schema && 'description' in schema ? String(schema.description ?? '') : ''
  const keys = keysAt(path)
  const about =
    text || (keys.length > 0 ? `a mapping with: ${keys.join(', ')}` : 'see kubestrap inventory schema')
  return missing ? `add ${missing}: ${about}` : about
}

function article(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return `the ${typeof value} ${plainValue(value)}`
}

function expected(type: string): string {
  const words: Readonly<Record<string, string>> = {
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    string: 'a string',
  }
  return words[type] ?? type
}
