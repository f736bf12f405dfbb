import { isMapping } from '../../../src/lib/is-mapping.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

type Schema = Record<string, unknown>

/** A key of the inventory: where it stands, and its schema. */
interface Key {
  path: string
  schema: Schema
  required: boolean
}

/** What hosts, groups and defaults have in common is listed once. */
const shared = { of: 'hosts', sections: ['defaults', 'groups'] } as const

/** The page of all keys of an inventory, from its JSON Schema. */
export function inventoryPage(schema: unknown): string {
  const top = propertiesOf(schema as Schema, '')
  const common = new Set(settingsOf(top, shared.of).map(({ path, schema }) => signature(path, schema)))
  return paragraphs(
    '# Inventory',
    `${generated} [Write an inventory](../tasks/inventory.md) begins with the keys that every inventory has; the same as a JSON Schema, for editors: \`kubestrap inventory schema\`.`,
    '`NAME` in a key is a name that you choose, `[]` an item of a list. A key without a default may be omitted, unless it is **required**.',
    ...top.flatMap((key) => section(key, common)),
  )
}

function section(key: Key, common: ReadonlySet<string>): string[] {
  const { path, schema } = key
  const all = descend(key)
  const isSharing = shared.sections.some((one) => one === path)
  const rows = isSharing ? all.filter((one) => !common.has(signature(one.path, one.schema))) : all
  return [
    `## ${path}`,
    // of a single key its row says it
    all.length === 0 ? '' : textOf(schema).meaning,
    ...(isSharing
      ? [`The keys of a host (${code('hosts.NAME')}, below)${rows.length > 0 ? ', and:' : '.'}`]
      : []),
    ...(all.length === 0 ? [keyTable([key])] : []),
    rows.length === 0 ? '' : keyTable(rows),
  ]
}

function keyTable(keys: readonly Key[]): string {
  const rows = keys.map(({ path, schema, required }) => {
    const { meaning, byDefault } = textOf(schema)
    return [code(path), typeOf(schema), required ? '**required**' : byDefault, meaning]
  })
  return markdownTable(['Key', 'Type', 'Default', 'Meaning'], rows)
}

/** All keys below one, however deep. */
function descend({ path, schema }: Key): Key[] {
  const entries = isMapping(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  const keys = [
    ...propertiesOf(schema, path),
    ...(entries ? propertiesOf(entries, `${path}.NAME`) : []),
    ...(isMapping(schema.items) ? propertiesOf(schema.items as Schema, `${path}[]`) : []),
  ]
  return keys.flatMap((key) => [key, ...descend(key)])
}

function propertiesOf(schema: Schema, path: string): Key[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(isMapping(schema.properties) ? schema.properties : {}).map(([name, own]) => ({
    path: path === '' ? name : `${path}.${name}`,
    schema: own as Schema,
    required: required.includes(name),
  }))
}

/** Every setting below the entries of a section. */
const settingsOf = (top: readonly Key[], name: string): Key[] =>
  top.filter(({ path }) => path === name).flatMap(descend)

/** A key without the section it stands in, and what it means there. */
const signature = (path: string, schema: Schema): string =>
  `${path.replace(/^(?:hosts\.NAME|groups\.NAME|defaults)\./, '')}: ${String(schema.description)}`

function typeOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => code(String(one))).join(', ')
  if ('const' in schema) return code(String(schema.const))
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map((one) => typeOf(one as Schema)).join(' or ')
  if (schema.type === 'array')
    return `list of ${isMapping(schema.items) ? plural(typeOf(schema.items as Schema)) : 'values'}`
  if (schema.type === 'object') {
    if (isMapping(schema.properties)) return 'mapping'
    const { additionalProperties: of } = schema
    const entries = isMapping(of) && of.type !== undefined ? ` of ${plural(typeOf(of as Schema))}` : ''
    return `mapping by name${entries}`
  }
  return { string: 'text', boolean: '`true` or `false`', integer: 'number' }[String(schema.type)] ?? 'any'
}

const plural = (type: string): string =>
  ({ text: 'texts', mapping: 'mappings', number: 'numbers' })[type] ?? type

/** A description, its default apart: "… Default 5m." */
function textOf({ description = '' }: Schema): { meaning: string; byDefault: string } {
  const text = String(description)
  const found = /(?:^|\s)Default:? (.+?)\.(?=\s|$)/.exec(text)
  if (!found) return { meaning: text, byDefault: '' }
  return { meaning: text.replace(found[0], '').trim(), byDefault: found[1] ?? '' }
}
