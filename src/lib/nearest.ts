/** The candidate closest to what was written, when it is close enough to be a slip of the fingers. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  // no slip makes a word that long, and comparing costs the product of the lengths
  if (written.length > 100) return undefined
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(written.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined
}

/** Insertions, deletions and replacements to get from one word to the other (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[b.length] ?? 0
}
