import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

// a copy of its own: single letters are secrets here, and other tests share this process
const copy = '../../../src/lib/secret.js?copy'
const { redact, redactedJson, Secret }: typeof import('../../../src/lib/secret.js') = await import(copy)
type Secret = InstanceType<typeof Secret>

describe('a secret', () => {
  const secret = new Secret('correct horse battery')

  it.each<[string, (value: Secret) => string]>([
    ['String', String],
    ['a template', (value) => `${value}`],
    ['concatenation', (value) => `is ${value.toString()}`],
    ['JSON', (value) => JSON.stringify({ value })],
    ['inspect', (value) => inspect({ deep: { value } }, { depth: 9, showHidden: true })],
    ['its keys', (value) => JSON.stringify(Object.entries(value))],
  ])('is not shown by %s', (_, show) => {
    expect(show(secret)).not.toContain('horse')
  })

  it('is given to who asks for it', () => {
    expect(secret.reveal()).toBe('correct horse battery')
  })
})

describe('redact', () => {
  it('masks a secret and its base64 form wherever they stand', () => {
    const secret = new Secret('swordfish-42')
    const encoded = Buffer.from(secret.reveal()).toString('base64')
    expect(redact(`a swordfish-42 b swordfish-42, ${encoded}`)).toBe('a [redacted] b [redacted], [redacted]')
  })

  it('masks a short secret where it stands alone: within a word it is part of another text', () => {
    new Secret('Pa1')
    new Secret('4711')
    expect(redact('-p Pa1; Pa1,sPa1n')).toBe('-p [redacted]; [redacted],sPa1n')
    expect(redact('pin=4711, port 47110')).toBe('pin=[redacted], port 47110')
  })

  it('masks a secret of any length as a word, and from six characters on anywhere', () => {
    const secret = fc.string({ minLength: 1, maxLength: 12, unit: 'binary-ascii' })
    fc.assert(
      fc.property(
        secret.filter((text) => /[a-z0-9]/i.test(text) && !/redact|^[ ,]|[ ,]$/.test(text)),
        (text) => {
          const made = new Secret(text).reveal()
          expect(redact(` ,${made}, `)).not.toContain(`,${made},`)
          if (made.length >= 6 && !'[redacted]x'.includes(made))
            expect(redact(`x${made}x`)).not.toContain(made)
        },
      ),
    )
  })

  it('masks it percent-encoded, in a form, and in base64 behind a user name', () => {
    const secret = new Secret('s3cr+t/w&rd of mine')
    const text = secret.reveal()
    const forms = [
      encodeURIComponent(text),
      encodeURIComponent(text).toLowerCase(),
      new URLSearchParams({ q: text }).toString().slice(2),
    ]
    for (const form of forms)
      expect(redact(`?parameter=${form}&further`)).toBe('?parameter=[redacted]&further')
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
        const encoded = Buffer.from(`${before}:${text}${after}`).toString('base64')
        const left = Buffer.from(redact(encoded).replace('[redacted]', '????'), 'base64').toString()
        expect(left).not.toContain(text.slice(2, -2))
        expect(redact(encoded)).toContain('[redacted]')
      }),
    )
  })

  it('masks who logs in in a URL', () => {
    expect(redact('proxy http://me:any@proxy.example.com:3128 failed')).toBe(
      'proxy http://[redacted]@proxy.example.com:3128 failed',
    )
  })

  it('of JSON masks the texts, and leaves it JSON though a secret looks like its marks', () => {
    for (const text of ['1234', 'true', 'type', 'null']) new Secret(text)
    // words that are none of the secrets that properties beside this make up
    const value = { type: 'message', ms: 1234, ok: true, none: null, text: 'holding 1234' }
    expect(JSON.parse(redactedJson(value))).toEqual({ ...value, text: 'holding [redacted]' })
  })

  it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY'])(
    'masks a PEM %s',
    (kind) => {
      const pem = `-----BEGIN ${kind}-----\nMIIabc\ndef=\n-----END ${kind}-----`
      expect(redact(`x\n${pem}\ny\n${pem}`)).not.toMatch(/MIIabc|def=/)
    },
  )

  it('leaves certificates', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----'
    expect(redact(pem)).toBe(pem)
  })

  it('masks any secret in any surroundings, also one that holds another', () => {
    const text = fc.string({ minLength: 8, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.string(), text, text, fc.string(), (before, inner, outer, after) => {
        const secrets = [new Secret(inner), new Secret(`${inner}${outer}`)]
        const out = redact(`${before}${secrets[1]?.reveal()}${after}${inner}`)
        for (const secret of secrets) expect(out).not.toContain(secret.reveal())
      }),
    )
  })

  it('masks a secret that JSON writes otherwise', () => {
    const secret = new Secret('pass"word\\with\nall')
    expect(redact(JSON.stringify({ text: `is ${secret.reveal()}!` }))).toBe('{"text":"is [redacted]!"}')
  })

  it('masks the longer secret whole when a shorter one begins it', () => {
    new Secret('prefix-of-both')
    new Secret('prefix-of-both-and-the-rest')
    expect(redact('prefix-of-both-and-the-rest')).toBe('[redacted]')
  })
})
