import { isMapping } from '../../../src/lib/is-mapping.js'

export type Schema = Record<string, unknown>

/** A key of the inventory: where it stands, and its schema. */
export interface Key {
  path: string
  schema: Schema
  required: boolean
}

/** Every key of an inventory, from its JSON Schema, each before those below it. */
export const everyKey = (schema: unknown): Key[] =>
  propertiesOf(schema as Schema, '').flatMap((key) => [key, ...descend(key)])

/** All keys below one, however deep. */
export function descend({ path, schema }: Key): Key[] {
  const entries = isMapping(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  const keys = [
    ...propertiesOf(schema, path),
    ...(entries ? propertiesOf(entries, `${path}.NAME`) : []),
    ...(isMapping(schema.items) ? propertiesOf(schema.items as Schema, `${path}[]`) : []),
  ]
  return keys.flatMap((key) => [key, ...descend(key)])
}

/** The keys right below one. */
export function propertiesOf(schema: Schema, path: string): Key[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(isMapping(schema.properties) ? schema.properties : {}).map(([name, own]) => ({
    path: path === '' ? name : `${path}.${name}`,
    schema: own as Schema,
    required: required.includes(name),
  }))
}
