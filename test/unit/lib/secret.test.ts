import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact, Secret } from '../../../src/lib/secret.js'

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

  it('leaves short secrets alone: they are words of other texts', () => {
    new Secret('the')
    expect(redact('the end')).toBe('the end')
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
