import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseKey } from '../../../../src/host/ssh/parse-key.js'

const passphrase = 'long and secret'
const keys: readonly (readonly [string, KeyObject])[] = [
  ['ssh-rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['ecdsa-sha2-nistp256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['ecdsa-sha2-nistp384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ['ssh-ed25519', generateKeyPairSync('ed25519').privateKey],
]
const before = 'Bag Attributes\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-key-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The public half; ssh-keygen 9.2 reads no Ed25519 key in PKCS#8 (9.6 does). */
function rightOf(key: KeyObject, text: string): string {
  if (key.asymmetricKeyType !== 'ed25519') return bySshKeygen(text)
  const x = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
  const wire = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), x])
  return `ssh-ed25519 ${wire.toString('base64')}`
}

/** "ssh-rsa AAAA…" as ssh-keygen reads it out of the file. */
function bySshKeygen(text: string): string {
  const file = join(directory, 'key')
  writeFileSync(file, text)
  chmodSync(file, 0o600)
  return execFileSync('ssh-keygen', ['-y', '-f', file]).toString().trim()
}

async function publicOf(text: string, secret?: string): Promise<string> {
  const key = await parseKey(text, secret)
  if (key instanceof Error) return key.message
  // the private half belongs to it
  const signature = key.sign('hello')
  if (!Buffer.isBuffer(signature) || !key.verify('hello', signature)) return 'it does not sign'
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}

describe.each(keys)('a private key in PKCS#8: %s', (type, key) => {
  const plain = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const locked = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()

  it('is the key ssh-keygen sees in it, with or without text before it', async () => {
    const right = rightOf(key, plain)
    expect(right.startsWith(`${type} `)).toBe(true)
    expect(await publicOf(plain)).toBe(right)
    expect(await publicOf(before + plain)).toBe(right)
  })

  it('that is encrypted opens with its passphrase alone', async () => {
    expect(await publicOf(before + locked, passphrase)).toBe(rightOf(key, plain))
    expect(await publicOf(locked)).toContain('no passphrase given')
    expect(await publicOf(locked, 'wrong')).not.toContain('ssh-')
  })
})

it('a key in OpenSSH’s own form may have text before it too', async () => {
  const file = join(directory, 'own')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
  const text = execFileSync('cat', [file]).toString()
  expect(await publicOf(before + text)).toBe(bySshKeygen(text).trim())
})

it('a key of a type that SSH has none of says so', async () => {
  const { privateKey } = generateKeyPairSync('x25519')
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  expect(await publicOf(text)).toContain('not a key for SSH')
})
