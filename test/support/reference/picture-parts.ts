/** Colours that are readable on light and dark pages: each box has a ground of its own, and lines are grey. */
const grounds = {
  endpoint: '#5b6570',
  balancer: '#7a4b9d',
  plane: '#1f5fae',
  etcd: '#9a5b13',
  worker: '#2b7247',
} as const

export type Kind = keyof typeof grounds

/** Of a letter the width is that of the widest fonts that stand in for system-ui at this size. */
export const measure = { letter: 8.2, line: 17 } as const

export interface Place {
  x: number
  y: number
  wide: number
  height: number
}

/** A picture: its size, what it shows in words, its parts. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

/** A line between two points. */
export const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#8a939c" stroke-width="1.2"/>`

/** A line from the left side of a box to that of another below it, around what stands between. */
export const around = (x: number, y1: number, y2: number): string =>
  `<path d="M${x} ${y1} h-8 q-6 0 -6 6 V${y2 - 6} q0 6 6 6 h8" fill="none" stroke="#8a939c" stroke-width="1.2"/>`

/** A box with a title, or none, and lines below it. */
export function drawnBox(
  { title, lines, kind }: { title?: string; lines: readonly string[]; kind: Kind },
  { x, y, wide, height }: Place,
): string {
  const first = title === undefined ? 20 : 38
  const words = lines.map(
    (text, i) =>
      `<text x="${x + wide / 2}" y="${y + first + i * measure.line}" text-anchor="middle">${escaped(text)}</text>`,
  )
  return [
    `<g fill="#ffffff"><rect x="${x}" y="${y}" width="${wide}" height="${height}" rx="8" fill="${grounds[kind]}"/>`,
    ...(title === undefined
      ? []
      : [
          `<text x="${x + wide / 2}" y="${y + 20}" text-anchor="middle" font-weight="bold">${escaped(title)}</text>`,
        ]),
    ...words,
    '</g>',
  ].join('')
}

/** Text between tags of SVG. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
