/** A blank, as it is, percent-encoded or as a form has it. */
const blank = '(?: |%20|\\+)'
const marker = new RegExp(
  `-----(BEGIN|END)((?:${blank}[A-Z0-9]+)*?)${blank}PRIVATE${blank}KEY(?:${blank}BLOCK)?-----`,
  'g',
)
/** Between lines of a key: line ends as they are, as JSON or a URL writes them, and what a diff or a log puts before a line. */
const separator = /(?:\s|\\[nrt]|%0[AaDd]|%20|[|>]|[+-](?=\s))+/y
/** A line of a key, or a word of the headers that an encrypted one has; the "-" of a diff may stand before it. */
const bodyWord = /-?(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd])+|(?:Proc-Type|DEK-Info|Comment):|[\w-]+,\w+/y
/** PEM lines have 64 characters, the last fewer; a word of a sentence seldom has this many. */
const lineLength = 16

/** Parts of keys that were seen, 16 characters at a stride of 16: any 31 characters of a line hold one whole. */
const parts = new Set<string>()
const partLength = 16

/** Keys of this text are known from now on, also where nothing around a piece of them says what it is. */
export function rememberKeys(text: string): void {
  for (const [whole] of text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g))
    for (const [line] of whole.matchAll(/^[A-Za-z0-9+/=]{16,}$/gm))
      for (let at = 0; at + partLength <= line.length; at += partLength)
        parts.add(line.slice(at, at + partLength))
}

/**
 * `text` without private keys: PEM, whole or with its beginning or end cut off, in JSON and URLs; base64 of a text
 * that holds one (a Secret's or kubeconfig's data, alone or behind a certificate), whole or cut; and any piece of
 * a key that was seen. Certificates stay.
 */
export function withoutPrivateKeys(text: string, mask: string): string {
  return withoutEncoded(withoutPem(text, mask), mask)
}

function withoutPem(text: string, mask: string): string {
  if (!text.includes('-----')) return text
  const found = [...text.matchAll(marker)]
  let out = ''
  let at = 0
  for (const [i, match] of found.entries()) {
    const { index } = match
    if (index < at) continue
    const end = index + match[0].length
    if (match[1] === 'END') {
      out += `${text.slice(at, beginOf(text, at, index))}${mask} ${match[0]}`
      at = end
      continue
    }
    const closing = found.slice(i + 1).find((other) => other[1] === 'END')
    out += `${text.slice(at, end)} ${mask}`
    at = closing ? closing.index + closing[0].length : endOf(text, end)
  }
  return out + text.slice(at)
}

/** Where a key ends that nothing closes: after its last line, which may be short. */
function endOf(text: string, from: number): number {
  let at = from
  for (;;) {
    separator.lastIndex = at
    const begin = separator.test(text) ? separator.lastIndex : at
    bodyWord.lastIndex = begin
    if (!bodyWord.test(text)) return at
    const { lastIndex } = bodyWord
    const isLine = lastIndex - begin >= lineLength
    const isHeader = /[:,]/.test(text.slice(begin, lastIndex))
    at = lastIndex
    if (!isLine && !isHeader) return at
  }
}

/** Where a key begins whose beginning is cut off: the lines before its end mark, and at the very start also a piece of one. */
function beginOf(text: string, from: number, end: number): number {
  const before = text.slice(from, end)
  const gaps = [...before.matchAll(new RegExp(separator.source, 'g'))]
  const begins = [0, ...gaps.map(({ index, 0: gap }) => index + gap.length)]
  let right = before.length
  let begin = right
  let last = true
  for (const [i, at] of [...begins.entries()].reverse()) {
    const line = before.slice(at, right)
    const tail = /(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd])*$/.exec(line)?.[0].length ?? 0
    const whole = /^[+-]?$/.test(line.slice(0, line.length - tail))
    if (line !== '' && line !== '+' && line !== '-') {
      if (tail === 0 || !(tail >= lineLength || last || (i === 0 && from === 0))) break
      begin = right - tail
      if (!whole) break
      last = false
    }
    right = gaps[i - 1]?.index ?? 0
  }
  return from + begin
}

function withoutEncoded(text: string, mask: string): string {
  if (text.length < shortestRun) return text
  return text.replace(/[A-Za-z0-9+/_-]{31,}/g, (run) => (hasPart(run) || encodesKey(run) ? mask : run))
}

/** Of base64 that is looked at. */
const shortestRun = 31

function hasPart(run: string): boolean {
  if (parts.size === 0) return false
  for (let at = 0; at + partLength <= run.length; at += 1)
    if (parts.has(run.slice(at, at + partLength))) return true
  return false
}

/** Whether base64, which may have lost its beginning, says a private key, or lines of base64 that are no certificate's. */
function encodesKey(run: string): boolean {
  return [0, 1, 2, 3].some((offset) => {
    const decoded = Buffer.from(run.slice(offset), 'base64').toString('latin1')
    if (decoded.includes('PRIVATE KEY')) return true
    const rest = decoded
      .replace(/-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----|-*$)/g, '')
      .replace(/^[^-]*-----END CERTIFICATE-----/, '')
    return /[A-Za-z0-9+/=\r\n]{32,}/.test(rest)
  })
}
