import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutations } from '../../mutations/list.js'

const root = new URL('../../../', import.meta.url)

// the run of them all is by hand; that their texts are still there is seen here
test('each mutation finds its text once, and would change it', () => {
  const stale = mutations.filter(({ file, find, replace }) => {
    const text = readFileSync(new URL(file, root), 'utf8')
    return text.split(find).length !== 2 || find === replace
  })
  expect(stale.map(({ what }) => what)).toEqual([])
})
