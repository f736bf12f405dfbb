import { inspect } from 'node:util'
import { rememberKeys, withoutPrivateKeys } from './private-keys.js'

/** Secrets from this length on are masked anywhere; shorter ones are parts of other words. */
const longEnough = 6
/**
 * What to look for, by its first characters: one look-up a place, however many there are. Of those that begin alike the
 * longest first: a shorter one must not leave its rest.
 */
const known = new Map<string, string[]>()
/** Whether anything to look for begins with two characters of this number: most places of a text are passed by so. */
const begins = new Uint8Array(1 << 16)
/** Secrets so short that they are masked only where they stand alone; longest first. */
const short: string[] = []
const mask = '[redacted]'

/**
 * Text that must never be shown: keys, tokens, passwords. Every way of printing it gives a mask, and `redact`
 * removes it (and its base64, JSON and URL forms) from any text on its way to a sink.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    remember(text)
  }

  /** The text itself, for the one place that sends it over stdin or computes with it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [inspect.custom](): string {
    return mask
  }
}

function remember(text: string): void {
  if (text.trim() === '') return
  rememberKeys(text)
  const forms = [text, ...base64Forms(text), JSON.stringify(text).slice(1, -1), ...urlForms(text)]
  for (const form of forms) {
    if (form.length === 0) continue
    if (form.length < longEnough) {
      keep(short, form)
      continue
    }
    const beginning = form.slice(0, longEnough)
    const alike = known.get(beginning)
    if (alike) keep(alike, form)
    else known.set(beginning, [form])
    begins[pairAt(form, 0)] = 1
  }
}

/** Puts a text in its place among others, the longest first, once. */
function keep(among: string[], text: string): void {
  let [low, high] = [0, among.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((among[middle]?.length ?? 0) > text.length) low = middle + 1
    else high = middle
  }
  for (let at = low; among[at]?.length === text.length; at += 1) if (among[at] === text) return
  among.splice(low, 0, text)
}

/** Two characters as a number; others may have the same. */
const pairAt = (text: string, at: number): number =>
  ((text.charCodeAt(at) << 8) ^ text.charCodeAt(at + 1)) & 0xffff

/** `text` without any secret made so far and without private keys, whole or cut. For sinks: logs, events, errors. */
export function redact(text: string): string {
  let out = withoutKnown(text)
  for (const secret of short) out = withoutWord(out, secret)
  // who logs in in a URL
  if (out.includes('://')) out = out.replace(/(:\/\/)[^/@\s"':]*:[^/@\s"']+@/g, `$1${mask}@`)
  return withoutPrivateKeys(out, mask)
}

function withoutKnown(text: string): string {
  let out = ''
  let from = 0
  for (let at = 0; at + longEnough <= text.length; at += 1) {
    if (begins[pairAt(text, at)] === 0) continue
    const found = known.get(text.slice(at, at + longEnough))?.find((one) => text.startsWith(one, at))
    if (found === undefined) continue
    out += `${text.slice(from, at)}${mask}`
    from = at + found.length
    at = from - 1
  }
  return out + text.slice(from)
}

/** JSON of a value whose texts are redacted one by one: what stands between them stays JSON, whatever a secret looks like. */
export function redactedJson(value: unknown, space?: number): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === 'string' ? redact(inner) : inner), space)
}

/**
 * In base64 a text reads in one of three ways, by what stands before it (user:password); of each the
 * characters that nothing around them changes. The first is the text by itself, whole and in both alphabets.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const inside = [0, 1, 2].map((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = before === 0 ? 0 : before + 1
    const last = (before + bytes.length) % 3 === 0 ? all.length : all.length - 1
    return all.slice(first, last)
  })
  const whole = bytes.toString('base64')
  return [whole, whole.replace(/=+$/, ''), ...inside.filter(({ length }) => length >= longEnough)]
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
    .filter(({ length }) => length >= longEnough)
}

/** Percent-encoded, as a path or query has it and as a form has it, with either case of digits. */
function urlForms(text: string): string[] {
  // half of a surrogate pair has no such form: encodeURIComponent throws
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd')
  const strict = encodeURIComponent(whole).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return [encodeURIComponent(whole), strict, encodeURI(whole)]
    .flatMap((form) => [form, form.replaceAll('%20', '+')])
    .flatMap((form) => [form, form.replace(/%../g, (code) => code.toLowerCase())])
}

const wordly = /[\p{L}\p{N}]/u

/** `word` masked where no letter or digit stands right beside it. */
function withoutWord(text: string, word: string): string {
  let out = ''
  let from = 0
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at)) {
    const before = wordly.test(text.slice(Math.max(0, at - 1), at)) && wordly.test(word[0] ?? '')
    const end = at + word.length
    const after = wordly.test(text.slice(end, end + 1)) && wordly.test(word.at(-1) ?? '')
    if (before || after) at += 1
    else {
      out += `${text.slice(from, at)}${mask}`
      from = end
      at = end
    }
  }
  return out + text.slice(from)
}
