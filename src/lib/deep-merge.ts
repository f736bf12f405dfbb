import { isMapping } from './is-mapping.js'

type Json = Readonly<Record<string, unknown>>

/** `over` laid over `base`: mappings are merged, anything else is replaced. Neither is changed. */
export function deepMerge(base: Json, over: Json): Record<string, unknown> {
  const out: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(out, key) ? out[key] : undefined
    const merged = isMapping(below) && isMapping(value) ? deepMerge(below, value) : value
    // not by assignment: of the key __proto__ that would be the prototype
    Object.defineProperty(out, key, { value: merged, enumerable: true, writable: true, configurable: true })
  }
  return out
}
