import fc from 'fast-check'
import { dump } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { type Path, readYaml, YamlError } from '../../../src/lib/yaml-source.js'
import { atOnceMs, processorTime } from '../../support/processor-time.js'

const places: readonly [name: string, text: string, path: Path, value: string, key: string][] = [
  ['a block mapping', 'a: 1\nb: 2\n', ['b'], '2:4', '2:1'],
  ['a nested block mapping', 'a:\n  b:\n    c: x\n', ['a', 'b', 'c'], '3:8', '3:5'],
  ['the mapping under a key, at its first key', 'a:\n  b: 1\n', ['a'], '2:3', '1:1'],
  ['a flow mapping', 'a: { b: 1, c: 2 }\n', ['a', 'c'], '1:15', '1:12'],
  ['a flow mapping over lines', 'a: {\n  b: 1,\n  c: 2\n}\n', ['a', 'c'], '3:6', '3:3'],
  ['a flow list', 'a: [x, y, z]\n', ['a', 2], '1:11', '1:11'],
  ['a block list', 'a:\n  - x\n  - y\n', ['a', 1], '3:5', '3:5'],
  ['mappings in a list', 'a:\n  - b: 1\n    c: 2\n  - b: 3\n', ['a', 1, 'b'], '4:8', '4:5'],
  ['the first key of a mapping in a list', '- b: 1\n  c: 2\n', [0, 'b'], '1:6', '1:3'],
  ['a list in a list', '- [1, 2]\n- - 3\n  - 4\n', [1, 1], '3:5', '3:5'],
  ['quoted keys and values', '"a b": \'x\'\n"c\\td": "y"\n', ['c\td'], '2:9', '2:1'],
  ['a value on the line below', 'a:\n  hello\n', ['a'], '2:3', '1:1'],
  ['a value behind comments', 'a: # why\n  # more\n  b: 1 # c\n', ['a', 'b'], '3:6', '3:3'],
  ['CRLF line ends', 'a: 1\r\nb:\r\n  c: 2\r\n', ['b', 'c'], '3:6', '3:3'],
  ['tabs between key and value', 'a:\t\t1\nb:\tx\n', ['b'], '2:4', '2:1'],
  ['an anchored value, at its anchor', 'a: &x {b: 1}\n', ['a'], '1:4', '1:1'],
  ['an alias, where it is used', 'a: &x {b: 1}\nc: *x\n', ['c'], '2:4', '2:1'],
  ['what is in an alias, at the alias', 'a: &x {b: 1}\nc: *x\n', ['c', 'b'], '2:4', '2:1'],
  ['a number as key', '1: a\n22: b\n', ['22'], '2:5', '2:1'],
  ['keys that a JavaScript object reorders', 'b: x\n2: y\n1: z\n', ['1'], '3:4', '3:1'],
  ['an empty value, behind its colon', 'a:\nb: 1\n', ['a'], '1:3', '1:1'],
  ['what follows an empty value', 'a:\nb: 1\n', ['b'], '2:4', '2:1'],
  ['what follows an empty value in a flow mapping', '{a, b: 1}\n', ['b'], '1:8', '1:5'],
  ['what follows an empty item', '-\n- x\n- y\n', [2], '3:3', '3:3'],
  ['a block text, at its sign', 'a: |\n  x\n  y\nb: 1\n', ['a'], '1:4', '1:1'],
  ['what follows a block text', 'a: |\n  x\n  y\nb: 1\n', ['b'], '4:4', '4:1'],
  ['a text after non-ASCII ones', 'ä: "ö"\nb: [é, x]\n', ['b', 1], '2:8', '2:8'],
  ['a missing key, at what encloses it', 'a:\n  b: 1\n', ['a', 'x'], '2:3', '1:1'],
  ['a path below a scalar, at the scalar', 'a: 1\n', ['a', 'x', 'y'], '1:4', '1:1'],
  ['a list item that is not there', 'a: [1]\n', ['a', 5], '1:4', '1:1'],
  ['the whole document', '# c\n\na: 1\n', [], '3:1', '3:1'],
  ['a text with a byte order mark', '\ufeffa: { b: 1 }\n', ['a', 'b'], '1:9', '1:6'],
  ['a document behind its mark', '---\na: 1\n', ['a'], '2:4', '2:1'],
]

describe('places', () => {
  it.each(places)('are known in %s', (_, text, path, value, key) => {
    const source = readYaml(text)
    const show = ({ line, column }: { line: number; column: number }) => `${line}:${column}`
    expect({ value: show(source.placeOf(path)), key: show(source.keyPlaceOf(path)) }).toEqual({ value, key })
  })

  it('are those of the words, however the tree is written', () => {
    const key = fc.constantFrom('a', 'b', 'c', '1', 'long key', 'é')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant('leaf'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, fc.integer({ min: -1, max: 4 }), fc.boolean(), (shape, flowLevel, crlf) => {
        const leaves: Path[] = []
        const named = number(shape, [], leaves)
        const text = dump(named, { flowLevel, lineWidth: -1, noRefs: true })
        const source = readYaml(crlf ? text.replaceAll('\n', '\r\n') : text)
        const lines = text.split('\n')
        leaves.forEach((path, i) => {
          const { line, column } = source.placeOf(path)
          expect(lines[line - 1]?.slice(column - 1)).toMatch(new RegExp(`^leaf${i}\\b`))
        })
      }),
    )
  })
})

/** `shape` with its leaves told apart; `leaves` gets their paths. */
function number(shape: unknown, path: Path, leaves: Path[]): unknown {
  if (Array.isArray(shape)) return shape.map((item, i) => number(item, [...path, i], leaves))
  if (typeof shape === 'object' && shape !== null)
    return Object.fromEntries(Object.entries(shape).map(([k, v]) => [k, number(v, [...path, k], leaves)]))
  leaves.push(path)
  return `leaf${leaves.length - 1}`
}

describe('the place of nothing', () => {
  it.each(['', '\t', ' \t', '\t\n', '# a remark'])('lies in a text that holds no value: %j', (text) => {
    const { line, column } = readYaml(text).placeOf([])
    expect(line).toBeLessThanOrEqual(text.split('\n').length)
    expect(column).toBeLessThanOrEqual((text.split('\n')[line - 1] ?? '').length + 1)
  })
})

describe('values', () => {
  it.each([
    ['1.20', 1.2],
    ['"1.20"', '1.20'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['true', true],
    ['2024-01-01', '2024-01-01'],
    ['~', null],
    ['', null],
    ['0x10', 16],
  ])('%s is read by the core schema of YAML 1.2', (written, value) => {
    expect(readYaml(`a: ${written}\n`).value).toEqual({ a: value })
  })

  it.each([
    ['v: 1.20\n', '1.20'],
    ['v: 1.20 # comment\n', '1.20'],
    ['v: 1.20# no comment\n', '1.20'],
    ['{v: 1.20}', '1.20'],
    ['{v: 1.20, w: 2}', '1.20'],
    ['v: 1.20\r\n', '1.20'],
    ['v: 1.20', '1.20'],
    ['v: &a 1.20\n', '1.20'],
    ['v: !!float 1.20\n', '1.20'],
    ['v: !!float &a 1.20\n', '1.20'],
    ['w: &a 1.20\nv: *a\n', '1.20'],
    ['w: &a 1.10\nx: &a 1.20\nv: *a\n', '1.20'],
  ])('the raw text of %j is %s', (text, raw) => {
    expect(readYaml(text).rawOf(['v'])).toBe(raw)
  })
})

describe('what is not YAML', () => {
  it.each([
    ['a: [1\nb: 2\n', '2:1'],
    ['a: 1\na: 2\n', '2:1'],
    ['a:\n  b: 1\n  b: 2\n', '3:3'],
    ['a: {b: 1, b: 2}\n', '1:11'],
    ['a: b: c\n', '1:5'],
    ['a: *nobody\n', '1:11'],
    ['a:\n\tb: 1\n', '2:1'],
    ['a: "x\n', '2:1'],
    ['a: [', '1:5'],
    ['a: &x { b: *x }\n', '1:9'],
    ['- &x [*x]\n', '1:7'],
    ['a:\n  __proto__: 1\n', '2:3'],
  ])('%j is refused at %s', (text, at) => {
    let caught: unknown
    try {
      readYaml(text)
    } catch (error) {
      caught = error
    }
    if (!(caught instanceof YamlError)) throw caught ?? new Error('it was read')
    expect(`${caught.place.line}:${caught.place.column}`).toBe(at)
  })

  it('is the only thing that throws, and its place lies in the text', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '#',
      '&x ',
      '*x',
      '? ',
      '|',
      '>',
      '\t',
      '\r',
      '---',
      '!!',
      '%',
      '\0',
      '\ufeff',
    )
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (written) => {
        try {
          readYaml(written).placeOf(['a', 0])
        } catch (error) {
          if (!(error instanceof YamlError)) throw error
          const line = written.split('\n')[error.place.line - 1]
          expect(error.place.column).toBeLessThanOrEqual((line?.length ?? -1) + 1)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('is a text nested deeper than a person writes', () => {
    expect(() => readYaml('['.repeat(100_000))).toThrow(YamlError)
  })

  it.each([
    ['values', [...chain(60, (i) => `[*a${i}, *a${i}]`)].join('\n'), '17:1'],
    ['levels', [...chain(300, (i) => `[*a${i}]`)].join('\n'), '101:1'],
    ['characters', `a0: &a0 ${'x'.repeat(100_000)}\nb: [${'*a0, '.repeat(60)}]`, '2:1'],
  ])('is a text whose aliases stand for too many %s, at once and at its place', (kind, text, at) => {
    const used = processorTime()
    const error = refused(text)
    expect(error.message).toMatch(
      new RegExp(`^with its aliases written out this has more than [\\d,]+ ${kind}$`),
    )
    expect(`${error.place.line}:${error.place.column}`).toBe(at)
    expect(used()).toBeLessThan(atOnceMs)
  })

  it('is a text whose aliases nest deeply however its keys are sorted', () => {
    // keys that are numbers come first and in order, so the last of the chain is walked first
    const lines = Array.from({ length: 20_000 }, (_, i) => `${20_000 - i}: &a${i + 1} [*a${i}]`)
    expect(refused(`20001: &a0 x\n${lines.join('\n')}`).message).toBe('this is nested deeper than 100 levels')
  })

  it('is not a text that repeats itself as people do', () => {
    const hosts = Array.from({ length: 1000 }, (_, i) => `h${i}: *d`).join('\n')
    expect(Object.keys(readYaml(`d: &d { a: { b: [1, 2, 3] } }\n${hosts}\n`).value ?? {})).toHaveLength(1001)
  })
})

/** a0: &a0 x, and n more that each name the one before. */
function* chain(n: number, next: (i: number) => string): Generator<string> {
  yield 'a0: &a0 x'
  for (let i = 0; i < n; i += 1) yield `a${i + 1}: &a${i + 1} ${next(i)}`
}

function refused(text: string): YamlError {
  try {
    readYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return error
    throw error
  }
  throw new Error('it was read')
}
