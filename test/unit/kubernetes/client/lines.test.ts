import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Lines, LineTooLong } from '../../../../src/kubernetes/client/lines.js'

it('gives the same lines, however a stream is cut into pieces, also within a character', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (wanted, sizes) => {
      const bytes = Buffer.from(wanted.map((one) => `${one}\n`).join(''))
      const lines = new Lines(1_000)
      const got: string[] = []
      let from = 0
      for (const size of sizes) {
        got.push(...lines.take(bytes.subarray(from, from + size)))
        from += size
      }
      got.push(...lines.take(bytes.subarray(from)))
      expect(got).toEqual(wanted.map((one) => Buffer.from(one).toString()))
    }),
  )
})

it('keeps no more of a line without an end than a line may have', () => {
  const lines = new Lines(10)
  expect(lines.take(Buffer.from('0123456789\n01234'))).toEqual(['0123456789'])
  expect(() => lines.take(Buffer.from('567890'))).toThrow(LineTooLong)
})
