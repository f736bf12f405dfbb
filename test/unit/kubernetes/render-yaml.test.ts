import fc from 'fast-check'
import { CORE_SCHEMA, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'

describe('renderYaml', () => {
  it('writes what a YAML parser reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(load(renderYaml(plain), { schema: CORE_SCHEMA })).toEqual(plain)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['--flag=a,*', '--flag=a,*'],
    ['10.88.0.15', '10.88.0.15'],
    ['k8s.gcr.io/pause:3.2', 'k8s.gcr.io/pause:3.2'],
    ['true', '"true"'],
    ['Off', '"Off"'],
    ['0', '"0"'],
    ['1_000', '"1_000"'],
    ['0x1f', '"0x1f"'],
    ['12:30:45', '"12:30:45"'],
    ['2026-11-21', '"2026-11-21"'],
    ['', '""'],
    ['* * *', "'* * *'"],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ["it's: so", "'it''s: so'"],
    ['- a', "'- a'"],
    ['two\nlines', '"two\\nlines"'],
  ])('quotes %j only where a reader could take it for something else', (text, written) => {
    expect(renderYaml({ a: text })).toBe(`a: ${written}\n`)
  })

  it('sorts keys, does not indent lists, and keeps empty collections on one line', () => {
    expect(renderYaml({ b: [{ w: 1, v: [] }, 'z'], a: { d: {}, c: null }, e: undefined })).toBe(
      ['a:', '  c: null', '  d: {}', 'b:', '- v: []', '  w: 1', '- z', ''].join('\n'),
    )
  })
})
