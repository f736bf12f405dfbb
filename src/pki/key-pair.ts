import { generateKeyPair, type KeyObject } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import PQueue from 'p-queue'
import { Secret } from '../lib/secret.js'

const generate = promisify(generateKeyPair)

/**
 * libuv's pool has four threads, and files, names and compression wait for them too: one of them is not for keys, which
 * take a core for a fifth of a second each.
 */
const queue = new PQueue({ concurrency: Math.min(3, availableParallelism()) })

/**
 * An RSA-2048 key pair, made in libuv's pool: several at once use several cores.
 * @param urgent it goes before all that are not
 */
export async function newKeyPair(urgent = false): Promise<{ publicKey: KeyObject; key: Secret }> {
  const { publicKey, privateKey } = await queue.add(() => generate('rsa', { modulusLength: 2048 }), {
    priority: urgent ? 1 : 0,
  })
  return { publicKey, key: new Secret(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()) }
}

/** 63 random bits, never zero: what Go's verifiers accept and kubeadm uses. */
export function newSerial(random: (bytes: number) => Buffer): Buffer {
  const bytes = random(8)
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  if (bytes.every((byte) => byte === 0)) bytes[7] = 1
  return bytes
}
