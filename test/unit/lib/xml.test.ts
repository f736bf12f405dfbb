import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseXml, type XmlElement } from '../../../src/lib/xml.js'

const text = (xml: string): string => parseXml(xml).text

describe('parseXml', () => {
  it('reads elements, attributes of both quotes, text, CDATA and comments', () => {
    const root = parseXml(
      `\ufeff<?xml version="1.0"?>\n<!-- a <b> --><a x="1" y='it"s'>one<b/><![CDATA[<two> & ]]>three<b z = "&gt;"></b></a>\n`,
    )
    expect(root.name).toBe('a')
    expect([...root.attributes]).toEqual([
      ['x', '1'],
      ['y', 'it"s'],
    ])
    expect(root.text).toBe('one<two> & three')
    expect(root.children.map(({ name, attributes }) => [name, attributes.get('z')])).toEqual([
      ['b', undefined],
      ['b', '>'],
    ])
  })

  it('decodes the five entities and characters by number, and no other', () => {
    expect(text('<a>&lt;&gt;&amp;&quot;&apos;&#39;&#x41;&#x1F600;</a>')).toBe(`<>&"''A\u{1f600}`)
    expect(() => text('<a>&nbsp;</a>')).toThrow('a character reference is wrong')
    expect(() => text('<a>&constructor;</a>')).toThrow('a character reference is wrong')
    expect(() => text('<a>a & b</a>')).toThrow('a character reference is wrong')
    expect(() => text('<a>&#x110000;</a>')).toThrow('a character reference is wrong')
  })

  it.each([
    ['', 'it is empty'],
    ['   ', 'it is empty'],
    ['<a>\n<b>', 'line 2: b does not end'],
    ['<a></b>', 'an end tag fits no start tag'],
    ['</a>', 'an end tag fits no start tag'],
    ['<a/><b/>', 'a second outermost element'],
    ['<a/>x', 'text stands outside'],
    ['x', 'text stands outside'],
    ['<a x=1>', 'the tag of a does not end'],
    ['<a', 'the tag of a does not end'],
    ['<a><!-- ', 'no --> follows'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'document types are not read'],
    ['<a>'.repeat(101), 'nested deeper than 100'],
  ])('refuses %j', (xml, words) => {
    expect(() => parseXml(xml)).toThrow(words)
  })

  it('gives back what was written, whatever it is', () => {
    const escaped = (raw: string): string => raw.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
    const tree: fc.Memo<XmlElement> = fc.memo((n) =>
      fc.record({
        name: fc.constantFrom('a', 'b:c', 'd-e.f'),
        attributes: fc
          .dictionary(fc.constantFrom('x', 'y'), fc.string())
          .map((all) => new Map(Object.entries(all))),
        children: n <= 1 ? fc.constant([]) : fc.array(tree(n - 1), { maxLength: 3 }),
        text: fc.string(),
      }),
    )
    const written = ({ name, attributes, children, text }: XmlElement): string =>
      `<${name}${[...attributes].map(([key, value]) => ` ${key}="${escaped(value)}"`).join('')}>${escaped(text)}${children.map(written).join('')}</${name}>`
    fc.assert(
      fc.property(tree(3), (one) => {
        expect(parseXml(written(one))).toEqual(one)
      }),
    )
  })
})
