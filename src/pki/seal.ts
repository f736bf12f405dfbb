import { createCipheriv } from 'node:crypto'

const nonceBytes = 12

/**
 * Encrypts as `kubeadm init phase upload-certs` does: AES-256-GCM, nonce, then what is encrypted, then the tag of
 * 16 bytes; nothing is authenticated beside it (kubeadm's util/crypto).
 * @param key 32 bytes
 */
export function seal(key: Buffer, text: string, random: (bytes: number) => Buffer): Buffer {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()])
}
