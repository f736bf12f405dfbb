import { beginning, width } from './width.js'

/** What a piece of a line means; colours follow from it. */
export type Style = 'plain' | 'strong' | 'dim' | 'good' | 'busy' | 'bad' | 'missed'

/** A piece of a line; its text is without secrets and of one line. */
export type Span = readonly [text: string, style?: Style]

export type Line = readonly Span[]

/** A line cut to so many columns, with `cut` at its end where something is missing. */
export function fitted(line: Line, columns: number, cut: string): Line {
  const total = line.reduce((sum, [text]) => sum + width(text), 0)
  if (total <= columns) return line
  const kept: Span[] = []
  let left = Math.max(0, columns - width(cut))
  for (const [text, style] of line) {
    const part = beginning(text, left)
    if (part !== '') kept.push([part, style ?? 'plain'])
    left -= width(part)
    if (part.length < text.length) break
  }
  return width(cut) <= columns ? [...kept, [cut, 'dim']] : kept
}

/** Its text without colours. */
export function textOf(line: Line): string {
  return line.map(([text]) => text).join('')
}
