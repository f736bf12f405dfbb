/**
 * `text` as one word of POSIX sh: in single quotes, with each quote in it as '\''. Any byte but NUL.
 * Throws (a bug) on NUL, which no argument can carry.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('an argument cannot hold a NUL byte')
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Words quoted and separated by spaces. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ')
}
