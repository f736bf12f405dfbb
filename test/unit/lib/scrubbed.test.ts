import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scrubbed, scrubbedValue } from '../../../src/lib/scrubbed.js'
import { Secret } from '../../../src/lib/secret.js'

const jwt =
  'eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2VhY2NvdW50In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ'

describe('a text for strangers', () => {
  test.each([
    ['a bootstrap token', 'joining with abcdef.0123456789abcdef now', 'abcdef.0123456789abcdef'],
    ['a token of a service account', `Authorization: Bearer ${jwt}`, jwt.slice(20)],
    ['a token alone', `sent ${jwt} to it`, jwt.slice(20)],
    ['a token that was cut', `sent ${jwt.slice(0, 50)}`, jwt.slice(20, 50)],
    ['a password of a flag', 'run --db-password hunter2hunter2 --v=1', 'hunter2hunter2'],
    ['a certificate key', `kubeadm join --certificate-key ${'a1'.repeat(32)}`, 'a1a1a1a1'],
    ['a login of a URL', 'GET https://robot:s3cr3tpw@registry.example/v2/', 's3cr3tpw'],
    ['a value of a key', 'time=now password=Tr0ub4dor level=info', 'Tr0ub4dor'],
    ['a line of a key', `cp1 x[1]: ${'MIIEowIBAAKCAQEA9x'.repeat(4)}`, 'MIIEowIBAAKCAQEA9x'],
  ])('has no %s', (_, text, secret) => {
    expect(scrubbed(text)).not.toContain(secret)
  })

  test.each([
    `sha256:${'0f'.repeat(32)}`,
    '2026-11-29T12:12:34+0000 cp1 kubelet[1]: E1129 12:12:34.1 1 server.go:156] unknown flag: --no-such-flag',
    'cp1 10.0.0.11 v1.36.3 registry.k8s.io/kube-apiserver:v1.36.3',
  ])('keeps what is none: %s', (text) => {
    expect(scrubbed(text)).toBe(text)
  })

  test('has no secret that is known, wherever it stands', () => {
    const secret = new Secret('correct horse battery')
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(scrubbed(`${before}${secret.reveal()}${after}`)).not.toContain(secret.reveal())
      }),
    )
  })

  test('is the same value of another kind, without what stands under a telling key', () => {
    const value = { name: 'cp1', ports: [6443, null], auth: { password: 'x1y2z3x1y2z3' }, at: [`t ${jwt}`] }
    const out = JSON.stringify(scrubbedValue(value))
    expect(JSON.parse(out)).toMatchObject({ name: 'cp1', ports: [6443, null] })
    expect(out).not.toMatch(/x1y2z3|eyJ/)
  })

  test('never throws, and has no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(scrubbed(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/)
      }),
    )
  })
})
