/** A field of a type: `name?: type`, with what the comment before it says. */
export interface Field {
  name: string
  optional: boolean
  type: string
  about: string
}

/**
 * The fields in the text of an object type, `{ … }` without the braces. It knows what types of events are made of, and
 * throws for a line that it does not understand.
 */
export function fieldsOf(text: string): Field[] {
  const fields: Field[] = []
  let rest = text.trim()
  let about = ''
  while (rest !== '') {
    const comment = /^\/\*\*([\s\S]*?)\*\//.exec(rest)
    if (comment) {
      about = commentText(comment[1] ?? '')
      rest = rest.slice(comment[0].length).trimStart()
      continue
    }
    const head = /^(\w+)(\??):\s*/.exec(rest)
    if (!head) throw new Error(`this is no field: ${rest.slice(0, 80)}`)
    const length = endOf(rest, head[0].length)
    fields.push({
      name: head[1] ?? '',
      optional: head[2] === '?',
      type: rest.slice(head[0].length, length).replace(/\s+/g, ' ').trim(),
      about,
    })
    about = ''
    rest = rest.slice(length).replace(/^[;\s]+/, '')
  }
  return fields
}

/** Where a type ends: at a semicolon or a line feed outside of its brackets, or where the text does. */
function endOf(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const char = text[i] as string
    if ('{(['.includes(char) || (char === '<' && text[i + 1] !== ' ')) depth++
    else if ('})]'.includes(char) || (char === '>' && text[i - 1] !== '=')) depth--
    else if (depth === 0 && (char === ';' || char === '\n')) return i
  }
  return text.length
}

/** The text between the braces that open at `from`, or after. */
export function braced(text: string, from: number): { inside: string; end: number } {
  const start = text.indexOf('{', from)
  let depth = 0
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return { inside: text.slice(start + 1, i), end: i + 1 }
  }
  throw new Error(`a brace is not closed: ${text.slice(from, from + 80)}`)
}

/** A comment without its stars, on one line. */
export function commentText(inside: string): string {
  return inside
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim()
}

/** The words that a type of words may be, `export type NAME = 'a' | 'b'`. */
export function wordsOf(source: string, name: string): string[] {
  const [, union = ''] = new RegExp(`export type ${name} =\\s*([^\\n]+)`).exec(source) ?? []
  return [...union.matchAll(/'([^']+)'/g)].map(([, word = '']) => word)
}
