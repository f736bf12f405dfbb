import { expect, test } from 'vitest'
import { codeOf } from '../../../src/cli/plan.js'

test.each([
  ['nothing', false, 0],
  ['nothing', true, 0],
  ['changes', false, 0],
  ['changes', true, 10],
  ['unsure', false, 6],
  ['unsure', true, 6],
] as const)('a plan of %s ends, with --detailed-exitcode %s, with %i', (found, detailed, code) => {
  expect(codeOf(found, detailed)).toBe(code)
})
