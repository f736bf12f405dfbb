import { braced, commentText } from './declarations.js'
import { generated, markdownTable, paragraphs } from './markdown.js'

/** Exit codes by name, with what the comments in the text of src/lib/errors.ts say of each. */
export function exitCodeMeanings(source: string): Map<string, string> {
  const { inside } = braced(source, source.indexOf('export const exitCodes'))
  return new Map(
    [...inside.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(\w+):/g)].map(([, about = '', name = '']) => [
      name,
      commentText(about),
    ]),
  )
}

/** The page of exit codes. @param source the text of src/lib/errors.ts */
export function exitCodesPage(codes: Readonly<Record<string, number>>, source: string): string {
  const meanings = exitCodeMeanings(source)
  return paragraphs(
    '# Exit codes',
    `${generated} The numbers are a promise to scripts.`,
    markdownTable(
      ['Code', 'Meaning'],
      Object.entries(codes).map(([name, number]) => [String(number), meanings.get(name) ?? '']),
    ),
  )
}
