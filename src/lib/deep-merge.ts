type Json = Readonly<Record<string, unknown>>

/** `over` laid over `base`: mappings are merged, anything else is replaced. Neither is changed. */
export function deepMerge(base: Json, over: Json): Record<string, unknown> {
  const out: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = out[key]
    out[key] = isMapping(below) && isMapping(value) ? deepMerge(below, value) : value
  }
  return out
}

const isMapping = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
