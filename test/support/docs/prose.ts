import { blocksOf } from './blocks.js'
import type { Page } from './pages.js'

/**
 * What a person reads aloud of a page: without blocks of code, words of programs, comments, headings and the targets of links.
 * Paragraphs, items of a list and cells of a table are lines of their own. Pure.
 */
export function proseOf(page: Page): string {
  return blocksOf(page)
    .prose.map(({ line }) => line)
    .join('\n')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/`[^`]*`/g, '…')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/^#+ .*$/gm, '\n')
    .replace(/^ *(?:[-*]|\d+\.) +/gm, '\n\n')
    .replace(/ *\| */g, '\n\n')
    .replace(/([^\n])\n(?=[^\n])/g, '$1 ')
    .replace(/\n{2,}/g, '\n')
}
