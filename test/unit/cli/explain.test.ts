import { describe, expect, test } from 'vitest'
import { find } from '../../../src/cli/explain.js'
import { causes } from '../../../src/diagnose/catalogue.js'

describe('explain', () => {
  test.each(causes)('finds $code in any form that a person writes', ({ code }) => {
    for (const form of [code, code.toLowerCase(), code.slice(2)]) expect(find(form).code).toBe(code)
  })

  test.each(['KS0199', 'KS', 'disk-full', '', 'x'.repeat(10_000)])(
    'answers %j with the nearest codes',
    (wanted) => {
      expect(() => find(wanted)).toThrowError(
        expect.objectContaining({
          kind: 'usage',
          why: expect.stringMatching(/^KS\d{4}: .+\nKS\d{4}: .+\nKS\d{4}: .+$/),
        }),
      )
    },
  )
})
