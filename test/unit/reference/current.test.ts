import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../support/docs/pages.js'
import { pictures, referencePages } from '../../support/reference/pages.js'

const made = { 'docs/reference': referencePages(), 'docs/pictures': await pictures() }

/** `npm run reference` writes the files instead of comparing them. */
if (process.env.UPDATE_README === '1')
  for (const [folder, files] of Object.entries(made)) {
    rmSync(join(root, folder), { recursive: true, force: true })
    mkdirSync(join(root, folder), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text)
  }

describe.each(Object.entries(made))('%s', (folder, files) => {
  test.each(Object.keys(files))('has the current %s; if not, npm run reference', (name) => {
    expect(readFileSync(join(root, folder, name), 'utf8')).toBe(files[name])
  })

  test('has no other file', () => {
    expect(readdirSync(join(root, folder)).sort()).toEqual(Object.keys(files).sort())
  })
})
