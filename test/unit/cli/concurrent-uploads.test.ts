import { expect, it } from 'vitest'
import { concurrentUploads } from '../../../src/cli/command.js'
import { UserError } from '../../../src/lib/errors.js'

it.each([
  [undefined, undefined],
  ['1', 1],
  ['32', 32],
])('--concurrent-uploads %s is %s', (text, number) => {
  expect(concurrentUploads({ 'concurrent-uploads': text })).toBe(number)
})

it.each(['0', '-1', '1.5', 'many', '', '99999'])('--concurrent-uploads %s is refused', (text) => {
  expect(() => concurrentUploads({ 'concurrent-uploads': text })).toThrow(UserError)
})
