import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { missingFrom } from '../../../src/resources/contains.js'

describe('missingFrom', () => {
  it.each([
    ['the same', { a: 1 }, { a: 1 }],
    ['more than wanted, at any depth', { a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }],
    ['more than wanted inside a list', [{ name: 'x', added: true }], [{ name: 'x' }]],
    ['nothing where an empty list is wanted', {}, { a: [] }],
    ['nothing where an empty object is wanted', {}, { a: {} }],
    ['null where an empty list is wanted', { a: null }, { a: [] }],
    ['anything where null is wanted', { a: 1 }, { a: null }],
    ['nothing where undefined is wanted', {}, { a: undefined }],
  ])('finds nothing missing in %s', (_, actual, wanted) => {
    expect(missingFrom(actual, wanted)).toEqual([])
  })

  it.each([
    ['a value that differs', { a: 1 }, { a: 2 }, ['a: 1 → 2']],
    ['a value that is absent', {}, { a: { b: 'x' } }, ['a: absent → {"b":"x"}']],
    ['a text where a number is wanted', { a: '1' }, { a: 1 }, ['a: "1" → 1']],
    ['a value deep down', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, ['a.b[0].c: 1 → 2']],
    ['a longer list', { a: [1, 2] }, { a: [1] }, ['a: [1,2] → [1]']],
    ['a list where none is wanted', { a: [1] }, { a: [] }, ['a: [1] → []']],
    ['a list in another order', { a: [1, 2] }, { a: [2, 1] }, ['a[0]: 1 → 2', 'a[1]: 2 → 1']],
    ['a list where an object is wanted', { a: [] }, { a: { b: 1 } }, ['a: [] → {"b":1}']],
    ['an object where a list is wanted', { a: { 0: 1 } }, { a: [1] }, ['a: {"0":1} → [1]']],
    ['every difference', { a: 1, b: 2 }, { a: 2, b: 3 }, ['a: 1 → 2', 'b: 2 → 3']],
  ])('names %s', (_, actual, wanted, expected) => {
    expect(missingFrom(actual, wanted)).toEqual(expected)
  })

  it('shows the lines that differ of a text of several', () => {
    expect(missingFrom({ data: { text: 'a\nb\nc\n' } }, { data: { text: 'a\nx\nc\n' } })).toEqual([
      'data.text:\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c',
    ])
  })

  it('cuts long values short', () => {
    const [said = ''] = missingFrom({ a: 'x'.repeat(500) }, { a: 'y' })
    expect(said).toContain('…')
    expect(said.length).toBeLessThan(140)
  })

  it('finds nothing missing in any JSON compared with itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(missingFrom(value, value)).toEqual([])
      }),
    )
  })

  it('finds nothing missing when keys are added to any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(missingFrom({ ...value, 'added by the server': 1 }, value)).toEqual([])
      }),
    )
  })

  it('finds something whenever one value of an object is changed', () => {
    const object = fc.dictionary(fc.string({ minLength: 1 }), fc.integer(), { minKeys: 1 })
    fc.assert(
      fc.property(object, fc.nat(), (value, pick) => {
        const keys = Object.keys(value)
        const key = keys[pick % keys.length] ?? ''
        expect(missingFrom({ ...value, [key]: 'changed' }, value)).toHaveLength(1)
      }),
    )
  })
})
