import { slugOf } from '../../../docs/.vitepress/slug.js'
import { blocksOf } from './blocks.js'
import type { Page } from './pages.js'

/** A link within a page, to a file or a place of this repository. */
export interface Link {
  at: string
  target: string
}

/** The links of a page that lead to no other site. */
export function linksOf(page: Page): Link[] {
  return blocksOf(page).prose.flatMap(({ at, line }) =>
    // what stands as code is not a link
    [...line.replace(/`[^`]*`/g, (code) => 'x'.repeat(code.length)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(({ 1: target = '' }) => ({ at, target }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  )
}

/** The anchors of a page's headings, as GitHub and the site make them. */
export function anchorsOf(page: Page): string[] {
  const seen = new Map<string, number>()
  return blocksOf(page).prose.flatMap(({ line }) => {
    const heading = /^#+ (.*)/.exec(line)?.[1]
    if (heading === undefined) return []
    const base = slugOf(heading)
    const before = seen.get(base) ?? 0
    seen.set(base, before + 1)
    return [before === 0 ? base : `${base}-${before}`]
  })
}
