import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { Secret } from '../lib/secret.js'

const generate = promisify(generateKeyPair)

/** An RSA-2048 key pair, made in libuv's pool: several at once use several cores. */
export async function newKeyPair(): Promise<{ publicKey: KeyObject; key: Secret }> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  return { publicKey, key: new Secret(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()) }
}

/** 63 random bits, never zero: what Go's verifiers accept and kubeadm uses. */
export function newSerial(random: (bytes: number) => Buffer): Buffer {
  const bytes = random(8)
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  if (bytes.every((byte) => byte === 0)) bytes[7] = 1
  return bytes
}
