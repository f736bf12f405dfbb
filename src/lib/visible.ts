/** C0 without line feed and tab, DEL, C1: what a terminal obeys. And what turns the direction of text around (UAX #9). */
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Nothing to write out, as most texts have: the live view looks at each of its lines ten times a second. */
const printable = /^[\x20-\x7e]*$/

/**
 * `text` with every control character but line feed and tab written out: "\x1b[2J". Words of a host, of the API
 * or of a program may not move the cursor, clear the screen, change its colours or turn text around.
 * A line end of Windows is a line end.
 */
export function visible(text: string): string {
  if (printable.test(text)) return text
  return text.replaceAll('\r\n', '\n').replace(obeyed, written)
}

/** The same on one line: line feeds and tabs are written out too. For cells of a table, prompts, attributes. */
export function visibleLine(text: string): string {
  if (printable.test(text)) return text
  return visible(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')
}

/** JSON text of the same value that a terminal can show: JSON.stringify escapes C0 alone. */
export function visibleJson(json: string): string {
  return json.replace(obeyed, (c) => `\\u${hex(c, 4)}`)
}

function written(c: string): string {
  if (c === '\r') return '\\r'
  return c.charCodeAt(0) < 0x100 ? `\\x${hex(c, 2)}` : `\\u${hex(c, 4)}`
}

const hex = (c: string, digits: number): string => c.charCodeAt(0).toString(16).padStart(digits, '0')
