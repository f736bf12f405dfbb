import { createDecipheriv, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal } from '../../../src/pki/seal.js'

/** As kubeadm opens it: nonce of 12 bytes before, tag of 16 behind. */
function open(key: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(-16))
  return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString()
}

test('what is sealed opens with the key, and is longer by nonce and tag', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (text, bytes) => {
        const key = Buffer.from(bytes)
        const sealed = seal(key, text, randomBytes)
        expect(open(key, sealed)).toBe(text)
        expect(sealed.length).toBe(Buffer.byteLength(text) + 28)
      },
    ),
  )
})

test('no two are alike, and another key does not decrypt it', () => {
  const key = randomBytes(32)
  const once = seal(key, 'text', randomBytes)
  expect(seal(key, 'text', randomBytes).equals(once)).toBe(false)
  expect(() => open(randomBytes(32), once)).toThrow()
})
