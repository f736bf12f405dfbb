import { createHash, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rememberKeys, withoutPrivateKeys } from '../../../src/lib/private-keys.js'

const mask = '[redacted]'
const shown = (text: string): string => withoutPrivateKeys(text, mask)

const pem = (type: 'pkcs1' | 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type, format: 'pem' }).toString()
const keys = [pem('pkcs1'), pem('pkcs8')] as const
const known = pem('pkcs1')
rememberKeys(known)
const anyKey = fc.constantFrom(...keys)

const certificate = `-----BEGIN CERTIFICATE-----
${Array.from({ length: 12 }, (_, i) => createHash('sha384').update(String(i)).digest('base64')).join('\n')}
-----END CERTIFICATE-----
`

/** Characters of a key's lines, without its marks. */
const bodyOf = (key: string): string => key.replace(/-----[^\n]+\n/g, '').replaceAll('\n', '')

/** Whether sixteen characters in a row of the key's lines are left. */
function leaks(out: string, key: string): boolean {
  const flat = out.replace(/\\n|%0A|%2B|%2F|%3D|[\s|]/gi, (one) =>
    /^%[23]/.test(one) ? decodeURIComponent(one) : '',
  )
  const body = bodyOf(key)
  for (let at = 0; at + 16 <= body.length; at += 1) if (flat.includes(body.slice(at, at + 16))) return true
  return false
}

const ways: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['with Windows line ends', (text) => text.replaceAll('\n', '\r\n')],
  ['in JSON', (text) => JSON.stringify(text).slice(1, -1)],
  ['in a URL', (text) => encodeURIComponent(text)],
  ['in a form', (text) => encodeURIComponent(text).replaceAll('%20', '+')],
  ['indented in YAML', (text) => text.replace(/^/gm, '      ')],
  ['in a log, line by line', (text) => text.replace(/^/gm, '         | ')],
  ['added in a diff', (text) => text.replace(/^/gm, '+')],
  ['removed in a diff', (text) => text.replace(/^/gm, '-    ')],
]

describe.each(ways)('a private key %s', (_, write) => {
  it('is masked whole, and what stands around it stays', () => {
    for (const key of keys) {
      const out = shown(`before ${write('\n')}${write(key)}${write('\n')}after, all`)
      expect(leaks(out, key)).toBe(false)
      expect(out).toContain(mask)
      expect(out).toMatch(/^before/)
      expect(out).toMatch(/after, all$/)
    }
  })

  it('is masked where its end is cut off', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 60, max: 800 }), (key, length) => {
        expect(leaks(shown(`said:\n${write(key).slice(0, length)}`), key)).toBe(false)
      }),
    )
  })

  it('is masked where its beginning is cut off', () => {
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 40, max: 800 }), (key, length) => {
        expect(leaks(shown(`${write(key).slice(-length)}\nmore of it`), key)).toBe(false)
      }),
    )
  })
})

describe('a private key in base64', () => {
  it.each([
    ['alone', (key: string) => key],
    ['behind a certificate', (key: string) => certificate + key],
    ['before a certificate', (key: string) => key + certificate],
  ])('is masked %s, whole or cut at either end', (_, around) => {
    fc.assert(
      fc.property(anyKey, fc.nat(600), fc.nat(600), fc.boolean(), (key, head, tail, wrapped) => {
        const whole = Buffer.from(around(key)).toString('base64')
        const cut = whole.slice(head, whole.length - tail)
        const out = shown(`client-key-data: ${wrapped ? cut.replace(/.{76}/g, '$&\n') : cut} end`)
        const left = [0, 1, 2, 3].map((at) =>
          out.split(/[^A-Za-z0-9+/=]+/).map((run) => Buffer.from(run.slice(at), 'base64').toString('latin1')),
        )
        // a piece of fewer than 43 characters holds no line of a key
        expect(left.flat().some((text) => longLeak(text, key))).toBe(false)
      }),
    )
  })

  const longLeak = (text: string, key: string): boolean => {
    const body = bodyOf(key)
    const flat = text.replaceAll('\n', '')
    for (let at = 0; at + 33 <= body.length; at += 1) if (flat.includes(body.slice(at, at + 33))) return true
    return false
  }
})

it('a piece of a key that was seen is masked with nothing around it', () => {
  fc.assert(
    fc.property(fc.nat(700), fc.integer({ min: 31, max: 64 }), (at, length) => {
      const lines = known.split('\n').slice(1, -2)
      const line = lines[at % lines.length] ?? ''
      fc.pre(line.length === 64)
      const from = at % (64 - length + 1)
      const piece = line.slice(from, from + length)
      expect(shown(`cannot parse ${piece} of it`)).toBe(`cannot parse ${mask} of it`)
    }),
  )
})

describe('what is no private key', () => {
  it.each([
    ['a certificate', certificate],
    ['base64 of a certificate', Buffer.from(certificate).toString('base64')],
    ['a digest', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    [
      'a long path',
      '/var/lib/kubelet/pods/a2c4b8f0-5d3e-4b8e-9d8a-1b2c3d4e5f60/volumes/kubernetes-projected',
    ],
    [
      'a sentence about one',
      'the PRIVATE KEY of the cluster is on cp1, and nowhere else in this whole wide world',
    ],
  ])('%s stays', (_, text) => {
    expect(shown(text)).toBe(text)
  })
})
