import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { causes } from '../../../src/diagnose/catalogue.js'
import { causeIndex, causePage } from '../../../src/diagnose/page.js'

const read = (name: string): string => readFileSync(`docs/causes/${name}`, 'utf8')

describe('docs/causes', () => {
  test.each(causes)('has the current page of $code; if not, npm run causes', (cause) => {
    expect(read(`${cause.code}.md`)).toBe(causePage(cause))
  })

  test('has the current list, and no page of another code', () => {
    expect(read('README.md')).toBe(causeIndex(causes))
    expect(readdirSync('docs/causes').sort()).toEqual(
      ['README.md', ...causes.map(({ code }) => `${code}.md`)].sort(),
    )
  })
})
