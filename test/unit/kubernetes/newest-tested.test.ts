import { expect, it } from 'vitest'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { newestTested } from '../../../src/kubernetes/releases/newest-tested.js'

it('the newest tested version is the newest patch release of the newest minor that is not untested', () => {
  const [first, second, third] = releases
  if (!first || !second || !third) throw new Error('there are three')
  const from = [
    { ...first, untested: false },
    { ...second, untested: false },
    { ...third, untested: true },
  ]
  expect(newestTested(from)).toBe(second.patch)
})

it('without any it is the newest', () => {
  const all = releases.map((release) => ({ ...release, untested: true }))
  expect(newestTested(all)).toBe(releases.at(-1)?.patch)
})
