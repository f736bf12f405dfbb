/**
 * What a component's configuration has at one field, as Go decodes it: a text is no number and a number no text.
 * Data, so that releases can be compared; see fieldProblems.
 */
export type FieldType =
  | 'bool'
  | 'number'
  | 'string'
  /** "1h30m", as time.ParseDuration reads it. */
  | 'duration'
  /** "200Mi", as resource.ParseQuantity reads it. */
  | 'quantity'
  /** A quantity, or "5%". */
  | 'threshold'
  /** The name of a kernel parameter, or the first part of some: "net.core.somaxconn", "kernel.msg*". */
  | 'sysctl'
  /** Not looked into. */
  | 'any'
  /** A whole number, at least and at most. */
  | { int: readonly [least: number, most: number] }
  /** "" stands for the default. */
  | { oneOf: readonly string[] }
  | { list: FieldType }
  /** With `keys` no others are known to the component. */
  | { map: FieldType; keys?: readonly string[] }
  | { fields: Fields }
  /** Either will do. */
  | { either: readonly FieldType[] }

export type Fields = Readonly<Record<string, FieldType>>

const int32: readonly [number, number] = [-(2 ** 31), 2 ** 31 - 1]
export const anyInt: FieldType = { int: int32 }
/** A whole number that is not negative. */
export const count: FieldType = { int: [0, int32[1]] }
export const port: FieldType = { int: [1, 65535] }
export const oneOf = (...words: string[]): FieldType => ({ oneOf: words })
/** Each of these names with one type: fieldsOf('bool', 'a b'). */
export const fieldsOf = (type: FieldType, names: string): Fields =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, type]),
  )
