import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, linksOf } from '../../support/docs/anchors.js'
import { type Page, pages, root } from '../../support/docs/pages.js'

const all = pages()
const byPath = new Map(all.map((page) => [page.path, page]))
const links = all.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })))

/** What is wrong with a link; undefined: nothing. */
function problem(page: Page, target: string): string | undefined {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? page.path : relative('.', join(dirname(page.path), file))
  if (!existsSync(join(root, path))) return `${path} does not exist`
  if (anchor === undefined) return undefined
  const to = byPath.get(path)
  if (!to) return `${path} is no page of the documentation`
  return anchorsOf(to).includes(anchor) ? undefined : `${path} has no heading #${anchor}`
}

describe('links in README and docs', () => {
  it('lead to files and headings that exist', () => {
    expect(links.length).toBeGreaterThan(100)
    const dead = links.flatMap(({ page, at, target }) => {
      const found = problem(page, target)
      return found === undefined ? [] : [`${at}: ${target}: ${found}`]
    })
    expect(dead).toEqual([])
  })

  it('lead to every page of docs from its index', () => {
    const reached = new Set(['docs/README.md'])
    for (const path of reached)
      for (const { target } of links.filter(({ page }) => page.path === path)) {
        const file = target.split('#')[0] ?? ''
        const to = file === '' ? path : relative('.', join(dirname(path), file))
        if (byPath.has(to)) reached.add(to)
      }
    expect(
      all.map(({ path }) => path).filter((path) => path.startsWith('docs/') && !reached.has(path)),
    ).toEqual([])
  })

  it('a dead link would be noticed', () => {
    const page = { path: 'docs/plan.md', text: '' }
    expect(problem(page, 'no-such-page.md')).toBe('docs/no-such-page.md does not exist')
    expect(problem(page, '../README.md#no-such-heading')).toBe('README.md has no heading #no-such-heading')
  })
})
