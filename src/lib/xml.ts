/** An element of an XML document. */
export interface XmlElement {
  name: string
  attributes: ReadonlyMap<string, string>
  children: readonly XmlElement[]
  /** What stands in it between its children. */
  text: string
}

const maxDepth = 100
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const attribute = /\s+([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const opening = /<([A-Za-z_][\w:.-]*)/y
const closing = /<\/([A-Za-z_][\w:.-]*)\s*>/y
const end = /\s*(\/?)>/y

/**
 * Reads XML as programs write their reports: elements, attributes, text, CDATA. No document type is read: there are no
 * entities but XML's own five and characters by number.
 * @returns the outermost element
 * @throws Error with plain words, and where
 */
export function parseXml(text: string): XmlElement {
  let at = text.startsWith('\ufeff') ? 1 : 0
  const fail = (what: string): Error =>
    new Error(`line ${text.slice(0, at).split('\n').length}: ${what}, so the text is not whole XML`)
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return undefined
    at += found[0].length
    return found
  }
  const upTo = (mark: string): string => {
    const found = text.indexOf(mark, at)
    if (found < 0) throw fail(`no ${mark} follows`)
    const inside = text.slice(at, found)
    at = found + mark.length
    return inside
  }
  const decoded = (raw: string): string =>
    raw.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{1,10}));|&/g, (_all, decimal, hex, name) => {
      if (name !== undefined && Object.hasOwn(named, name)) return named[name] ?? ''
      const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : -1
      if (code < 0 || code > 0x10ffff) throw fail('a character reference is wrong')
      return String.fromCodePoint(code)
    })
  type Open = { name: string; attributes: Map<string, string>; children: XmlElement[]; text: string }
  const open: Open[] = []
  let root: XmlElement | undefined
  const done = (element: XmlElement): void => {
    const parent = open.at(-1)
    if (parent) parent.children.push(element)
    else if (root) throw fail('a second outermost element begins')
    else root = element
  }
  while (at < text.length) {
    const parent = open.at(-1)
    const next = text.indexOf('<', at)
    const between = text.slice(at, next < 0 ? text.length : next)
    if (parent) parent.text += decoded(between)
    else if (between.trim() !== '') throw fail('text stands outside every element')
    at = next < 0 ? text.length : next
    if (at >= text.length) break
    if (text.startsWith('<?', at)) upTo('?>')
    else if (text.startsWith('<!--', at)) upTo('-->')
    else if (text.startsWith('<![CDATA[', at) && parent) {
      at += '<![CDATA['.length
      parent.text += upTo(']]>')
    } else if (text.startsWith('</', at)) {
      const name = match(closing)?.[1]
      if (!parent || name !== parent.name) throw fail('an end tag fits no start tag')
      open.pop()
      done(parent)
    } else {
      const name = match(opening)?.[1]
      if (name === undefined) throw fail('this is no element (document types are not read)')
      if (open.length >= maxDepth) throw fail(`elements are nested deeper than ${maxDepth} levels`)
      const attributes = new Map<string, string>()
      for (let found = match(attribute); found; found = match(attribute))
        attributes.set(found[1] ?? '', decoded(found[2] ?? found[3] ?? ''))
      const tag = match(end)
      if (!tag) throw fail(`the tag of ${name} does not end`)
      const element: Open = { name, attributes, children: [], text: '' }
      if (tag[1] === '/') done(element)
      else open.push(element)
    }
  }
  if (open.length > 0 || !root)
    throw fail(open.length > 0 ? `${open.at(-1)?.name} does not end` : 'it is empty')
  return root
}
