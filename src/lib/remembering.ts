/** So many characters are kept at most, and no longer text: nothing grows with what machines say. */
const most = 4_000_000
const longest = 100_000

/**
 * A pure function of a text that remembers what it returned: for texts that come from every machine of a fleet, so that
 * each is worked on once. Callers share what it returns and must not change it.
 */
export function remembering<T>(of: (text: string) => T): (text: string) => T {
  const known = new Map<string, { value: T }>()
  let kept = 0
  return (text) => {
    const there = known.get(text)
    if (there) return there.value
    const value = of(text)
    if (text.length > longest) return value
    kept += text.length
    if (kept > most) {
      known.clear()
      kept = text.length
    }
    known.set(text, { value })
    return value
  }
}
