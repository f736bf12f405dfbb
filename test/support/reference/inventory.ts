import { isMapping } from '../../../src/lib/is-mapping.js'
import { factsOf } from './inventory-keys.js'
import { descend, type Key, propertiesOf, type Schema } from './inventory-schema.js'
import { code, generated, markdownTable, paragraphs } from './markdown.js'

/** What hosts, groups and defaults have in common is listed once. */
const shared = { of: 'hosts', sections: ['defaults', 'groups'] } as const

/** The page of all keys of an inventory, from its JSON Schema. */
export function inventoryPage(schema: unknown): string {
  const top = propertiesOf(schema as Schema, '')
  const common = new Set(settingsOf(top, shared.of).map(({ path, schema }) => signature(path, schema)))
  return paragraphs(
    '# Inventory',
    `${generated} [Write an inventory](../tasks/inventory.md) begins with the keys that every inventory has; the same as a JSON Schema, for editors: \`kubestrap inventory schema\`.`,
    '`NAME` in a key is a name that you choose, `[]` an item of a list. A key without a default may be omitted, unless it is **required**. Each example is valid in an inventory; "with" says what else it needs there. "Since" is the version of kubestrap that first had the key.',
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
    all.length === 0 ? '' : `${textOf(schema).meaning} Since ${factsOf(path).since}.`,
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
    const { since } = factsOf(path)
    return [
      code(path),
      typeOf(schema),
      required ? '**required**' : byDefault,
      exampleOf(path),
      since,
      meaning,
    ]
  })
  return markdownTable(['Key', 'Type', 'Default', 'Example', 'Since', 'Meaning'], rows)
}

function exampleOf(path: string): string {
  const { example = '', with: around } = factsOf(path)
  return around ? `${code(example)} (with ${around.name})` : code(example)
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
