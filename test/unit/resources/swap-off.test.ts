import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fstabWithoutSwap } from '../../../src/resources/swap-off.js'

const off = '# disabled by kubestrap: '

describe('fstabWithoutSwap', () => {
  it.each([
    ['a swap partition', '/dev/sda2 none swap sw 0 0\n', `${off}/dev/sda2 none swap sw 0 0\n`],
    ['a swap file', '/swapfile swap swap defaults 0 0\n', `${off}/swapfile swap swap defaults 0 0\n`],
    ['an entry after an empty line', 'x / ext4\n\n/a none swap sw\n', `x / ext4\n\n${off}/a none swap sw\n`],
    ['tabs', 'UUID=1-2\tnone\tswap\tsw\t0\t0\n', `${off}UUID=1-2\tnone\tswap\tsw\t0\t0\n`],
    ['an entry without options, unfinished', '/dev/sda2 none swap', `${off}/dev/sda2 none swap`],
    [
      'two entries among others',
      '/dev/sda1 / ext4 defaults 0 1\n/a none swap sw\n/b none swap sw\n/dev/sdb /srv ext4 defaults 0 2\n',
      `/dev/sda1 / ext4 defaults 0 1\n${off}/a none swap sw\n${off}/b none swap sw\n/dev/sdb /srv ext4 defaults 0 2\n`,
    ],
  ])('turns off %s', (_, text, expected) => {
    expect(fstabWithoutSwap(text)).toBe(expected)
  })

  it.each([
    ['nothing', ''],
    ['a comment about swap', '# swap was on /dev/sda2 during installation\n'],
    ['an entry turned off by hand', '#/dev/sda2 none swap sw 0 0\n  # /dev/sdb none swap sw 0 0\n'],
    ['a file system mounted at /swap', '/dev/sda3 /swap ext4 defaults 0 2\n'],
    ['a device called swap', 'swap /srv ext4 defaults 0 2\n'],
    ['a type that only begins like it', '/dev/sda3 none swapfs defaults 0 0\n'],
    ['swap as an option', '/dev/sda3 /srv ext4 swap 0 2\n'],
  ])('leaves %s alone', (_, text) => {
    expect(fstabWithoutSwap(text)).toBe(text)
  })

  const field = fc.constantFrom('/dev/sda1', 'none', 'swap', 'ext4', '/', '#x', 'defaults', '0')
  const line = fc.array(field, { maxLength: 6 }).map((fields) => fields.join(' '))
  const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'))
  /** What mount(8) would read as swap: the third field of a line that is no comment. */
  const isSwap = (entry: string): boolean => {
    const [first = '', , type] = entry.trim().split(/\s+/)
    return !first.startsWith('#') && type === 'swap'
  }

  it('leaves no entry that is swap, changes no other, and nothing the second time', () => {
    fc.assert(
      fc.property(text, (before) => {
        const after = fstabWithoutSwap(before)
        const expected = before.split('\n').map((entry) => (isSwap(entry) ? `${off}${entry}` : entry))
        expect(after.split('\n')).toEqual(expected)
        expect(fstabWithoutSwap(after)).toBe(after)
      }),
    )
  })
})
