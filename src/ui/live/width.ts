import { eastAsianWidth } from 'get-east-asian-width'

const plain = /^[\x20-\x7e]*$/
/** Drawn onto the character before them, or not at all. */
const none = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/**
 * How many columns of a terminal one character takes at most. Terminals disagree about sequences that are drawn as one
 * (families, flags): each of their characters is counted. UAX #11 has the widths; a variation selector 16 widens what
 * stands before it, a soft hyphen is drawn by some.
 */
function widthOf(character: string): number {
  if (character === '\ufe0f' || character === '\u00ad') return 1
  return none.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0)
}

/** How many columns of a terminal a text of one line takes at most. */
export function width(text: string): number {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += widthOf(character)
  return columns
}

/** The longest beginning of a text that fits into so many columns. */
export function beginning(text: string, columns: number): string {
  if (text.length <= columns && plain.test(text)) return text
  let used = 0
  let end = 0
  for (const character of text) {
    used += widthOf(character)
    if (used > columns) break
    end += character.length
  }
  return text.slice(0, end)
}

/** Text with blanks up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** A text broken at blanks into lines of so many columns, at most `limit` of them; the last may be too long. */
export function broken(text: string, columns: number, limit: number): string[] {
  const lines: string[] = []
  let rest = text
  while (lines.length + 1 < limit && width(rest) > columns) {
    const most = beginning(rest, Math.max(1, columns))
    const blank = most.lastIndexOf(' ')
    const end = blank > 0 ? blank : most.length
    if (end === 0) break
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return rest === '' ? lines : [...lines, rest]
}
