/**
 * A value from a YAML or JSON document as text: scalars as they are written, lists and mappings as JSON. Use this and not
 * `String`, which throws for a mapping that has a key `toString`. Values must be trees, as decoders return them.
 */
export function plainValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
