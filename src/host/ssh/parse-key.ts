import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ParsedKey } from 'ssh2'

/**
 * A key in any form OpenSSH reads. ssh2 knows neither PKCS#8 nor text before the key (openssl writes "Bag
 * Attributes" there). An encrypted key without its passphrase is an Error whose words hold "no passphrase given".
 */
export async function parseKey(text: string, passphrase?: string): Promise<ParsedKey | Error> {
  const { default: ssh2 } = await import('ssh2')
  const { block, kind } =
    /(?<block>-----BEGIN (?<kind>(?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]+?-----END \k<kind>-----)/.exec(text)
      ?.groups ?? {}
  if (block === undefined) return ssh2.utils.parseKey(text, passphrase)
  if (kind !== 'PRIVATE KEY' && kind !== 'ENCRYPTED PRIVATE KEY')
    return ssh2.utils.parseKey(`${block}\n`, passphrase)
  if (kind === 'ENCRYPTED PRIVATE KEY' && passphrase === undefined)
    return new Error('Encrypted PKCS#8 private key detected, but no passphrase given')
  try {
    const key = createPrivateKey({ key: block, ...(passphrase === undefined ? {} : { passphrase }) })
    const converted = ssh2Form(key)
    return converted === undefined
      ? new Error(`PKCS#8 key of type ${key.asymmetricKeyType}: not a key for SSH`)
      : ssh2.utils.parseKey(converted)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** The key in a form ssh2 reads; undefined for types that SSH has none of. */
function ssh2Form(key: KeyObject): string | undefined {
  const type = key.asymmetricKeyType
  if (type === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (type === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
  if (type !== 'ed25519') return undefined
  const { d, x } = key.export({ format: 'jwk' })
  if (d === undefined || x === undefined) return undefined
  return openSshEd25519(Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url'))
}

/** OpenSSH's own format (PROTOCOL.key): the only one for Ed25519 that ssh2 reads. */
function openSshEd25519(seed: Buffer, point: Buffer): string {
  const type = 'ssh-ed25519'
  const check = Buffer.alloc(4)
  const secret = Buffer.concat([
    check,
    check,
    ...[Buffer.from(type), point, Buffer.concat([seed, point]), Buffer.alloc(0)].map(lengthAndBytes),
  ])
  // filled up with 1, 2, 3 … to the block size of "none", eight
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (secret.length % 8)) % 8))
  const one = Buffer.from([0, 0, 0, 1])
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map((text) => lengthAndBytes(Buffer.from(text))),
    one,
    lengthAndBytes(Buffer.concat([lengthAndBytes(Buffer.from(type)), lengthAndBytes(point)])),
    lengthAndBytes(Buffer.concat([secret, padding])),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function lengthAndBytes(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
