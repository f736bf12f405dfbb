/** Tells a person how far something is; one line, no line feed. */
export type Report = (text: string) => void

/** Passes on at most one line every `everyMs` milliseconds; the first at once. For programs that talk much. */
export function throttled(report: Report, everyMs: number, now: () => number = Date.now): Report {
  let last = Number.NEGATIVE_INFINITY
  return (text) => {
    if (now() - last < everyMs) return
    last = now()
    report(text)
  }
}
