/** Where a generated page says that it is one. */
export const generated = 'This page is made from the code by `npm run reference`.'

/** Text in a cell of a table, on one line. */
export const cell = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replace(/\|/g, '\\|')

/** A value as code; nothing for nothing. */
export const code = (text: string): string => (text === '' ? '' : `\`${text}\``)

/** A table of Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** Paragraphs of a page. */
export const paragraphs = (...parts: readonly string[]): string =>
  `${parts.filter((part) => part !== '').join('\n\n')}\n`
