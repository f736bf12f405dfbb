/** A pattern with * and ? (nothing else is special) as a regular expression for the whole text. */
export function globPattern(pattern: string, flags = ''): RegExp {
  const source = [...pattern].map((c) =>
    c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[\\^$.|+()[\]{}]/g, '\\$&'),
  )
  return new RegExp(`^${source.join('')}$`, `s${flags}`)
}

/** Whether one pattern of the list matches and none of those with ! before them does. */
export function matchesPatterns(patterns: readonly string[], text: string, flags = ''): boolean {
  let found = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    if (!globPattern(negated ? pattern.slice(1) : pattern, flags).test(text)) continue
    if (negated) return false
    found = true
  }
  return found
}
