import fc from 'fast-check'
import { dump } from 'js-yaml'
import { expect, test } from 'vitest'
import { yamlDocuments } from '../../../src/lib/yaml-documents.js'
import { readYaml } from '../../../src/lib/yaml-source.js'

const values = (text: string): unknown[] => yamlDocuments(text).map((one) => readYaml(one).value)

test.each([
  ['a: 1\n', [{ a: 1 }]],
  ['---\na: 1\n', [{ a: 1 }]],
  ['a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
  ['--- {a: 1}\n--- {b: 2}\n', [{ a: 1 }, { b: 2 }]],
  ['# only words\n---\na: 1\n--- # nothing\n', [{ a: 1 }]],
  ['a: 1\n...\n---\nb: 2\n...\n', [{ a: 1 }, { b: 2 }]],
  ['%YAML 1.2\n---\na: 1\n', [{ a: 1 }]],
  ['a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
  ['a: |\n  ---\n  x\n', [{ a: '---\nx\n' }]],
  ['a: --- b\n', [{ a: '--- b' }]],
])('%j', (text, expected) => {
  expect(values(text)).toEqual(expected)
})

test.each(['', '\n', '# words\n', '---\n'])('%j is one document with nothing in it', (text) => {
  expect(yamlDocuments(text)).toHaveLength(1)
})

test('a place in a document is the place in the text', () => {
  const [, second = ''] = yamlDocuments('a: 1\n---\n# words\nb:\n  c: 2\n')
  expect(readYaml(second).placeOf(['b', 'c'])).toEqual({ line: 5, column: 6 })
})

test('what js-yaml writes one after the other comes back', () => {
  const mapping = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.string(), { minKeys: 1 })
  fc.assert(
    fc.property(fc.array(mapping, { minLength: 1, maxLength: 4 }), (documents) => {
      expect(values(documents.map((one) => dump(one)).join('---\n'))).toEqual(documents)
    }),
  )
})
