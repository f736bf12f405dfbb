import { blocksOf } from '../docs/blocks.js'
import type { Page } from '../docs/pages.js'
import { escaped } from './picture-parts.js'

/** Of a letter the width is that of the widest of the usual fonts of terminals at this size. */
const size = { letter: 7.4, line: 17, margin: 16, font: 12 } as const

/** A terminal's own colours, readable on light and dark pages: its ground, its text, times, prompt. */
const colours = { ground: '#1b2027', text: '#dfe4ea', time: '#9aa5b1', prompt: '#7fc8a9' } as const

/**
 * The output that `npm run pictures` recorded in a page, between its marks.
 * @throws Error when the page has no such recording
 */
export function recorded({ path, text }: Page, name: string): string[] {
  const found = new RegExp(`<!-- picture: ${name} -->\\n([\\s\\S]*?)<!-- /picture -->`).exec(text)?.[1]
  const [block] = found === undefined ? [] : blocksOf({ path, text: found }).blocks
  if (!block)
    throw new Error(`${path} has no recording "${name}": npm run pictures makes those whose marks it finds`)
  return [...block.lines]
}

/** Lines of a terminal as SVG. */
export function terminal(lines: readonly string[], title: string): string {
  const width = Math.ceil(Math.max(...lines.map(({ length }) => length)) * size.letter) + 2 * size.margin
  const height = lines.length * size.line + 2 * size.margin
  const rows = lines.map((text, i) => row(text, size.margin + i * size.line + size.font))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-monospace, monospace" font-size="${size.font}">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0" y="0" width="${width}" height="${height}" rx="8" fill="${colours.ground}"/>`,
    `<g fill="${colours.text}">`,
    ...rows.filter((drawn) => drawn !== ''),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** A line of the terminal: a command behind its prompt, or output, its time in another colour. */
function row(text: string, y: number): string {
  if (text === '') return ''
  const [, time = '', rest = ''] = /^(\[ *[\d.]+s\])?(.*)$/.exec(text) ?? []
  const words = text.startsWith('$ ')
    ? `<tspan fill="${colours.prompt}">$</tspan><tspan font-weight="bold">${columns(text.slice(1))}</tspan>`
    : `${time === '' ? '' : `<tspan fill="${colours.time}">${columns(time)}</tspan>`}${columns(rest)}`
  return `<text x="${size.margin}" y="${y}">${words}</text>`
}

/** Words whose blanks keep their columns: Chromium makes one of several, whatever xml:space and white-space above them say. */
const columns = (text: string): string => escaped(text).replaceAll(' ', '\u00a0')
