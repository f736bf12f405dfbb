/** Values by what `keysOf` says of each, in their order; one with several keys is in several groups. (Map.groupBy, which Node 20 has not.) */
export function groupBy<T>(
  values: readonly T[],
  keysOf: (value: T) => string | readonly string[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const keys = keysOf(value)
    for (const key of typeof keys === 'string' ? [keys] : keys) {
      const group = groups.get(key)
      if (group) group.push(value)
      else groups.set(key, [value])
    }
  }
  return groups
}
