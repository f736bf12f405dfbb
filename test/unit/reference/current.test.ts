import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../support/docs/pages.js'
import { referencePages } from '../../support/reference/pages.js'

const directory = join(root, 'docs/reference')
const pages = referencePages()
const names = Object.keys(pages).sort()

/** `npm run reference` writes the pages instead of comparing them. */
if (process.env.UPDATE_README === '1') {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(directory, name), text)
}

describe('docs/reference', () => {
  test.each(names)('has the current %s; if not, npm run reference', (name) => {
    expect(readFileSync(join(directory, name), 'utf8')).toBe(pages[name])
  })

  test('has no other page', () => {
    expect(readdirSync(directory).sort()).toEqual(names)
  })
})
