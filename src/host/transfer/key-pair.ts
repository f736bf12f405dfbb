import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Secret } from '../../lib/secret.js'

export interface TransferKey {
  /** "ssh-ed25519 AAAA…" */
  public: string
  /** As ssh(1) reads it from a file. */
  private: Secret
}

/** A new Ed25519 key pair. */
export function transferKey(): TransferKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const half = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const wire = Buffer.concat([text('ssh-ed25519'), text(half)])
  return {
    public: `ssh-ed25519 ${wire.toString('base64')}`,
    private: new Secret(pem(wire, half, seed)),
  }
}

/** OpenSSH's own format, unencrypted (PROTOCOL.key): ssh reads Ed25519 keys from PKCS#8 only since 9.6. */
function pem(wire: Buffer, half: Buffer, seed: Buffer): string {
  const check = randomBytes(4)
  const own = Buffer.concat([check, check, wire, text(Buffer.concat([seed, half])), text('')])
  // filled to the block size of the cipher "none", 8
  const filling = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (own.length % 8)) % 8))
  const one = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    one,
    text(wire),
    text(Buffer.concat([own, filling])),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

/** An SSH string: its length, then it (RFC 4251, 5). */
function text(of: string | Buffer): Buffer {
  const bytes = Buffer.from(of)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
