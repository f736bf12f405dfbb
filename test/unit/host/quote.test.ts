import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote, quoteAll } from '../../../src/host/quote.js'

/** Lone surrogates become U+FFFD in UTF-8, so they are no text one could send. */
const words = fc.array(
  fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', 'a') }),
    )
    .filter((text) => !text.includes('\0')),
  { minLength: 1, maxLength: 8 },
)

/** What a real sh makes of a command line's words: NUL-separated, so that nothing can hide. */
function split(line: string): string[] {
  const output = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`]).toString()
  return output.split('\0').slice(0, -1)
}

describe('quote', () => {
  it.each([
    ['', `''`],
    ['plain', `'plain'`],
    [`it's`, `'it'\\''s'`],
    [`''a'b'`, `''\\'''\\''a'\\''b'\\'''`],
    ['$HOME `id` \\', `'$HOME \`id\` \\'`],
  ])('writes %j as %s', (text, quoted) => {
    expect(quote(text)).toBe(quoted)
  })

  it('gives a real sh back exactly the words that went in, whatever they hold', () => {
    fc.assert(
      fc.property(words, (list) => {
        expect(split(quoteAll(list))).toEqual(list)
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a NUL byte, which no argument can carry', () => {
    expect(() => quote('a\0b')).toThrow('NUL')
  })
})
