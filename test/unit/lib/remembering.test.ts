import { expect, it } from 'vitest'
import { remembering } from '../../../src/lib/remembering.js'

it('a text that comes again is not worked on again, and what was kept does not grow without end', () => {
  const worked: string[] = []
  const upper = remembering((text) => {
    worked.push(text)
    return text === '' ? undefined : text.toUpperCase()
  })
  expect([upper('a'), upper('b'), upper('a'), upper(''), upper('')]).toEqual([
    'A',
    'B',
    'A',
    undefined,
    undefined,
  ])
  expect(worked).toEqual(['a', 'b', ''])
  for (let i = 0; i < 50; i += 1) upper(`${i}${'x'.repeat(90_000)}`)
  upper('a')
  expect(worked.filter((text) => text === 'a')).toHaveLength(2)
})
