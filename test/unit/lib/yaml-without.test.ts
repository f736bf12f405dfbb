import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { yamlDocuments } from '../../../src/lib/yaml-documents.js'
import { readYaml } from '../../../src/lib/yaml-source.js'
import { yamlWithout } from '../../../src/lib/yaml-without.js'

const without = (text: string, path = ['hosts', 'w1']): string | undefined => yamlWithout(text, path)

test.each([
  ['a line', 'hosts:\n  cp1: {a: 1}\n  w1: {a: 2}\n  w2: {a: 3}\n', 'hosts:\n  cp1: {a: 1}\n  w2: {a: 3}\n'],
  [
    'a block, and no comment around it',
    'hosts:\n  cp1: {}\n\n  # the second\n  w1: # with a word\n    a: 2\n    # inside\n    b:\n      - 1\n  # behind\n\n  w2: {}\n',
    'hosts:\n  cp1: {}\n\n  # the second\n  # behind\n\n  w2: {}\n',
  ],
  ['the last of the file, without a line feed', 'hosts:\n  cp1: {}\n  w1: {}', 'hosts:\n  cp1: {}\n'],
  [
    'the last before another key',
    'hosts:\n  cp1: {}\n  w1:\n    a: 1\n\n# lab\nlab: {b: 1}\n',
    'hosts:\n  cp1: {}\n\n# lab\nlab: {b: 1}\n',
  ],
  [
    'a flow mapping whose end is not indented',
    'hosts:\n  w1: {\n    a: 1,\n  }\n  w2: {}\n',
    'hosts:\n  w2: {}\n',
  ],
  [
    'a line of a flow mapping of many',
    'hosts: {\n  cp1: {},\n  w1: { a: 1 },\n}\nb: 1\n',
    'hosts: {\n  cp1: {},\n}\nb: 1\n',
  ],
  ['CRLF', 'hosts:\r\n  w1: {}\r\n  w2: {}\r\n', 'hosts:\r\n  w2: {}\r\n'],
  ['a byte order mark', '\ufeffhosts:\n  w1: {}\n  w2: {}\n', '\ufeffhosts:\n  w2: {}\n'],
  ['a quoted key', 'hosts:\n  "w1": {}\n  w2: {}\n', 'hosts:\n  w2: {}\n'],
  ['a block scalar', 'hosts:\n  w1:\n    a: |\n      x\n\n      y\n  w2: {}\n', 'hosts:\n  w2: {}\n'],
  [
    'every document that has it',
    'hosts:\n  w1: {}\n  w2: {}\n---\nhosts:\n  w1: {b: 1}\n  w3: {}\n...\n',
    'hosts:\n  w2: {}\n---\nhosts:\n  w3: {}\n...\n',
  ],
])('%s is cut out', (_, text, left) => {
  expect(without(text)).toBe(left)
})

test.each([
  ['shares its line', 'hosts: { w1: {}, w2: {} }\n', 'something else stands before w1 on its line'],
  ['has an explicit key', 'hosts:\n  ? w1\n  : {}\n  w2: {}\n', 'something else stands before w1'],
  ['is the only one', 'hosts:\n  w1: {}\nlab: {}\n', 'w1 is the only entry of hosts in its document'],
  ['is referred to', 'hosts:\n  w1: &x {a: 1}\n  w2: *x\n', 'w1 is referred to, or does not stand alone'],
  ['has the end of the mapping on its line', 'hosts: {\n  cp1: {},\n  w1: {} }\n', 'does not stand alone'],
])('what %s is left, and why is said', (_, text, why) => {
  expect(() => without(text)).toThrow(why)
})

it('what is not there is nothing to cut', () => {
  expect(without('hosts:\n  w2: {}\n')).toBeUndefined()
  expect(without('hosts: [w1]\n')).toBeUndefined()
  expect(without('- w1\n')).toBeUndefined()
})

describe('any text of hosts', () => {
  const words = fc.constantFrom(
    'worker',
    'a b',
    '10.0.0.1',
    '"q: #"',
    "'it''s'",
    '[1, 2]',
    '{ x: 1 }',
    '~',
    '&n 1',
  )
  const comment = fc.constantFrom('', '', ' # word: {', '\t# x')
  /** Lines of an entry, at an indentation. */
  const entry = (name: string, indent: string): fc.Arbitrary<readonly string[]> =>
    fc.oneof<fc.Arbitrary<readonly string[]>[]>(
      fc.tuple(words, comment).map(([value, rest]) => [`${indent}${name}: ${value}${rest}`]),
      fc
        .array(fc.tuple(fc.constantFrom('', '# c', '  a: 1', '  b:', '    - x', '    # d'), comment), {
          minLength: 1,
          maxLength: 5,
        })
        .map((lines) => [`${indent}${name}:`, ...lines.map(([line, rest]) => `${indent}${line}${rest}`)]),
      fc.constant([`${indent}${name}: {`, `${indent}  a: 1`, `${indent}}`]),
      fc.constant([`${indent}${name}: |`, `${indent}  # text`, '', `${indent}  more`]),
    )
  const names = ['cp1', 'w1', 'w2', 'W10', '"w11"']
  const text = fc
    .record({
      indent: fc.constantFrom('  ', '    ', ' '),
      before: fc.constantFrom([], ['# inventory', ''], ['kubernetes: {}'], ['---']),
      behind: fc.constantFrom(
        [],
        ['lab: {}'],
        ['', '# the end'],
        ['---', 'hosts:', '  w1: {z: 1}', '  w5: {}'],
      ),
      between: fc.constantFrom([], [''], ['# at the margin'], ['      # deep']),
      ending: fc.constantFrom('\n', '\r\n'),
      last: fc.boolean(),
    })
    .chain(({ indent, before, behind, between, ending, last }) =>
      fc.tuple(...names.map((name) => entry(name, indent))).map((entries) => {
        const lines = [...before, 'hosts:', ...entries.flatMap((own) => [...own, ...between]), ...behind]
        return lines.join(ending) + (last ? ending : '')
      }),
    )
  const values = (of: string): unknown[] => yamlDocuments(of).map((one) => readYaml(one).value)
  const readable = (of: string): boolean => {
    try {
      values(of)
      return true
    } catch {
      return false
    }
  }

  it('says the same less the host, with all other lines as they were; or is refused', () => {
    let cut = 0
    let refused = 0
    fc.assert(
      fc.property(text.filter(readable), fc.constantFrom('cp1', 'w1', 'w2', 'W10', 'w11'), (before, name) => {
        let after: string | undefined
        try {
          after = without(before, ['hosts', name])
        } catch {
          refused += 1
          return
        }
        if (after === undefined) throw new Error('it is there')
        cut += 1
        const wanted = values(before).map((value) => {
          const { hosts, ...rest } = value as { hosts?: Record<string, unknown> }
          const { [name]: _gone, ...left } = hosts ?? {}
          return hosts ? { ...rest, hosts: left } : rest
        })
        expect(values(after)).toEqual(wanted)
        // what is left is what was, in its order, with one piece or more out of it
        const lines = before.split(/(?<=\n)/)
        let at = 0
        for (const line of after.split(/(?<=\n)/)) {
          const found = lines.indexOf(line, at)
          expect(found).toBeGreaterThanOrEqual(at)
          at = found + 1
        }
        // no comment at the margin goes
        const margin = (of: string): number => of.split('\n').filter((line) => line.startsWith('#')).length
        expect(margin(after)).toBe(margin(before))
      }),
      { numRuns: 2000 },
    )
    // it is not by refusing that it is right: only a comment that would become text of a block scalar before it is in the way
    expect(refused).toBeLessThan(cut / 8)
  })
})
