import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visible, visibleJson, visibleLine } from '../../../src/lib/visible.js'

/** Category Cc but line feed and tab, and the bidirectional controls of UAX #9. */
const obeyed = /[^\P{Cc}\n\t]|\p{Bidi_Control}/u
const anyText = fc.string({ unit: 'binary', maxLength: 40 })

describe('visible', () => {
  it.each([
    ['a screen cleared', '\u001b[2JDone', '\\x1b[2JDone'],
    ['a line gone over', 'failed\rDone  ', 'failed\\rDone  '],
    ['a bell, DEL and C1', '\u0007\u007f\u009b1m', '\\x07\\x7f\\x9b1m'],
    ['text turned around', 'a\u202eb\u2066c\u200fd\u061ce', 'a\\u202eb\\u2066c\\u200fd\\u061ce'],
    ['lines of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['lines, tabs, letters', 'a\n\tä 漢 ✔', 'a\n\tä 漢 ✔'],
  ])('shows %s', (_, text, expected) => {
    expect(visible(text)).toBe(expected)
  })

  it('leaves nothing that a terminal obeys, of any text, and nothing to do the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visible(text)).not.toMatch(obeyed)
        expect(visible(visible(text))).toBe(visible(text))
        expect(visibleLine(text)).not.toMatch(/[\n\t]/)
      }),
    )
  })
})

it('JSON stays the same value and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.boolean(), (value, pretty) => {
      const out = visibleJson(JSON.stringify(value, undefined, pretty ? 2 : 0))
      expect(out).not.toMatch(obeyed)
      expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
