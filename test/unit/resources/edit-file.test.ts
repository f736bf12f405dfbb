import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withBlock } from '../../../src/resources/edit-file.js'

const block = '# BEGIN kubestrap\none\ntwo\n# END kubestrap\n'

describe('withBlock', () => {
  it.each([
    ['an empty file', '', block],
    ['a file', 'user\n', `user\n${block}`],
    ['a file whose last line is unfinished', 'user', `user\n${block}`],
    [
      'a file with an older block',
      'before\n# BEGIN kubestrap\nold\n# END kubestrap\nafter\n',
      `before\n${block}after\n`,
    ],
    [
      'a file that ends in an older block, unfinished',
      'user\n# BEGIN kubestrap\n# END kubestrap',
      `user\n${block}`,
    ],
    ['a file with Windows line ends', 'user\r\n', `user\r\n${block}`],
    ['a file that talks about the marker', 'see "# BEGIN kubestrap"\n', `see "# BEGIN kubestrap"\n${block}`],
  ])('puts the lines into %s', (_, text, expected) => {
    expect(withBlock(text, ['one', 'two'])).toBe(expected)
  })

  it('takes the block out again and leaves the rest', () => {
    expect(withBlock(`before\n${block}after\n`, [])).toBe('before\nafter\n')
    expect(withBlock('user', [])).toBe('user')
  })

  it('takes $ in a line for itself', () => {
    expect(withBlock(block, ['$& $1 $$'])).toBe('# BEGIN kubestrap\n$& $1 $$\n# END kubestrap\n')
  })

  // a marker in the user's own lines is left out here: it is kubestrap's to find its block by
  const line = fc.string({ unit: 'binary' }).filter((text) => !/[\n\r]|(BEGIN|END) kubestrap/.test(text))
  const lines = fc.array(line, { minLength: 1, maxLength: 5 })
  const userText = fc.array(line, { maxLength: 6 }).map((list) => list.join('\n'))

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(userText, lines, (text, wanted) => {
        const once = withBlock(text, wanted)
        expect(withBlock(once, wanted)).toBe(once)
      }),
    )
  })

  it('finds its block again whatever ends a line elsewhere: a line separator is text', () => {
    const once = withBlock('mine\u2028# BEGIN kubestrap\n', ['a\u2028b', ''])
    expect(withBlock(once, [])).toBe('mine\u2028# BEGIN kubestrap\n')
  })

  it('keeps the user’s text around the block byte for byte, through changes and removal', () => {
    fc.assert(
      fc.property(userText, userText, lines, lines, (before, after, old, wanted) => {
        const head = before === '' ? '' : `${before}\n`
        const text = `${withBlock(head, old)}${after}`
        const changed = withBlock(text, wanted)
        expect(changed.startsWith(head)).toBe(true)
        expect(changed.endsWith(after)).toBe(true)
        expect(withBlock(changed, [])).toBe(head + after)
      }),
    )
  })
})
