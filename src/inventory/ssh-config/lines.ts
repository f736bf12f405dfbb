import { UserError } from '../../lib/errors.js'

/** One directive of an OpenSSH client configuration (ssh_config(5)). */
export interface ConfigLine {
  /** Lower case: keywords do not heed it. */
  keyword: string
  args: readonly string[]
  /** Everything behind the keyword, as written: commands are not split. */
  rest: string
  /** "FILE:LINE" */
  at: string
}

/** Directives of a text. Throws UserError('inventory') for a quote that does not end. */
export function configLines(text: string, file: string): ConfigLine[] {
  return text.split(/\r?\n/).flatMap((line, i): ConfigLine[] => {
    const at = `${file}:${i + 1}`
    const match = /^\s*([^\s=#][^\s=]*)(?:\s*=\s*|\s+|$)(.*?)\s*$/.exec(line)
    if (!match) return []
    const rest = match[2] ?? ''
    return [{ keyword: (match[1] ?? '').toLowerCase(), args: split(rest, at), rest, at }]
  })
}

/** OpenSSH's argv_split (misc.c): quotes of both kinds, four escapes, a comment where a word would begin. */
function split(text: string, at: string): string[] {
  const words: string[] = []
  let i = 0
  for (;;) {
    while (text[i] === ' ' || text[i] === '\t') i += 1
    if (i >= text.length || text[i] === '#') return words
    let word = ''
    let quote = ''
    for (; i < text.length; i += 1) {
      const c = text[i] ?? ''
      const next = text[i + 1] ?? ''
      if (c === '\\' && (["'", '"', '\\'].includes(next) || (quote === '' && next === ' '))) {
        word += next
        i += 1
      } else if (quote === '' && (c === ' ' || c === '\t')) break
      else if (quote === '' && (c === '"' || c === "'")) quote = c
      else if (c === quote) quote = ''
      else word += c
    }
    if (quote !== '')
      throw new UserError('inventory', `${at}: a quote is not closed`, {
        next: 'fix the line, or set ssh: { config: false } to ignore the file',
      })
    words.push(word)
  }
}
