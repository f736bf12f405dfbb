import { describe, expect, it } from 'vitest'
import { outlineOf, pageOf } from '../../../docs/.vitepress/outline.js'
import { slugOf } from '../../../docs/.vitepress/slug.js'
import { pages } from '../../support/docs/pages.js'

describe('the site', () => {
  it('has the index of the documentation as its sidebar', () => {
    const index = pages().find(({ path }) => path === 'docs/README.md')?.text ?? ''
    const outline = outlineOf(index)
    expect(outline.map(({ text }) => text)).toEqual(['Start', 'Tasks', 'Concepts', 'Reference'])
    expect(outline.flatMap(({ items }) => items)).toContainEqual({ text: 'Upgrades', link: '/upgrade.md' })
    expect(outline.flatMap(({ items }) => items)).toContainEqual({
      text: 'Causes of failures',
      link: '/causes/index.md',
    })
  })

  it('has the index of a folder where the repository has its README', () => {
    expect(['README.md', 'causes/README.md#host', 'plan.md'].map(pageOf)).toEqual([
      'index.md',
      'causes/index.md#host',
      'plan.md',
    ])
  })

  it('has the anchors of GitHub', () => {
    expect(
      ['What is asked', 'plan -o json', 'plan --out FILE and up --plan FILE', '1. The command'].map(slugOf),
    ).toEqual(['what-is-asked', 'plan--o-json', 'plan---out-file-and-up---plan-file', '1-the-command'])
  })
})
