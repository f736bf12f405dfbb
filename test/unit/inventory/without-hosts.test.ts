import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mustLack, withoutHosts } from '../../../src/inventory/without-hosts.js'
import { UserError } from '../../../src/lib/errors.js'
import { changed, decode, good } from './support.js'

const directory = new URL('../../../inventories/', import.meta.url)

describe('an inventory without some hosts', () => {
  it('is the same inventory less these, all other lines byte for byte', () => {
    const left = withoutHosts(good, ['w1'], 'i.yaml')
    expect(good.startsWith(left)).toBe(true)
    expect(decode(left).hosts).toEqual(decode(good).hosts.filter(({ name }) => name !== 'w1'))
  })

  it('has no machine of theirs in the lab either, and takes names as hosts have them', () => {
    const lab = `${good}lab:\n  gateway: 192.0.2.1/24\n  suites:\n    cp1: trixie\n    W1: trixie\n`
    const left = withoutHosts(changed('  w1:\n', '  W1:\n', lab), ['w1'], 'i.yaml')
    expect(decode(left).lab?.suites).toEqual({ cp1: 'trixie' })
    expect(decode(left).hosts.map(({ name }) => name)).toEqual(['cp1'])
  })

  it('is not made where a host is not on lines of its own: the place is told, as the file has it', () => {
    const text = `a: 1\nhosts:\n  w1: {}\n  w2: {}\n---\nhosts: { w3: {}, w4: {} }\n`
    expect(() => withoutHosts(text, ['w1', 'w4'], 'i.yaml')).toThrow(
      expect.objectContaining({
        message: 'i.yaml: hosts.w4 cannot be removed automatically',
        next: 'delete it by hand (i.yaml:6), and run without --edit-inventory',
      }),
    )
  })

  it('must not have them from elsewhere', () => {
    expect(() => mustLack(decode(good), ['w1'], 'i.yaml')).toThrow(UserError)
    mustLack(decode(withoutHosts(good, ['w1'], 'i.yaml')), ['w1'], 'i.yaml')
  })

  it.each(readdirSync(directory).filter((name) => name.endsWith('.yaml')))(
    'works for each host of %s',
    (file) => {
      const text = readFileSync(new URL(file, directory), 'utf8')
      const { hosts } = decodeExample(text)
      for (const name of hosts) {
        if (hosts.length === 1) continue
        const left = withoutHosts(text, [name], file)
        expect(decodeExample(left).hosts).toEqual(hosts.filter((one) => one !== name))
        const lines = text.split('\n')
        expect(left.split('\n').every((line) => lines.includes(line))).toBe(true)
      }
    },
  )
})

/** Names alone: what an inventory must have beside them is another matter. */
function decodeExample(text: string): { hosts: string[] } {
  const section = /^hosts:\n((?: .*\n|\s*\n|#.*\n)*)/m.exec(text)?.[1] ?? ''
  return { hosts: [...section.matchAll(/^ {2}([\w-]+):/gm)].map(([, name = '']) => name) }
}
