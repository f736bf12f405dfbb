import { createHash, createHmac } from 'node:crypto'
import { matchesPatterns } from '../../lib/glob-pattern.js'

/** One usable line of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  marker: '' | '@revoked' | '@cert-authority'
  /** As written: comma list of patterns, or one hashed name. */
  names: string
  keyType: string
  key: Buffer
  /** "FILE:LINE", for messages. */
  at: string
}

/** Lines that cannot be read are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, i): KnownHost[] => {
    const words = line.trim().split(/\s+/)
    const first = words[0] ?? ''
    if (first === '' || first.startsWith('#')) return []
    const marker = first === '@revoked' || first === '@cert-authority' ? first : ''
    const [names, keyType, key] = marker ? words.slice(1) : words
    if (!names || !keyType || !key) return []
    return [{ marker, names, keyType, key: Buffer.from(key, 'base64'), at: `${file}:${i + 1}` }]
  })
}

/** How a host stands in known_hosts: bare on port 22, "[host]:port" otherwise. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`
}

/** Whether an entry speaks of this name: hashed (|1|salt|HMAC-SHA1), or patterns with * and ?, ! negating. */
export function namesHost(entry: KnownHost, name: string): boolean {
  if (entry.names.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = entry.names.split('|')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
  }
  return matchesPatterns(entry.names.split(','), name, 'i')
}

export type Verdict =
  | { kind: 'known' }
  | { kind: 'unknown' }
  | { kind: 'changed'; entry: KnownHost }
  | { kind: 'revoked'; entry: KnownHost }

/** What known_hosts says of a key the server showed. A host known by another key of the same type has changed. */
export function judge(entries: readonly KnownHost[], name: string, key: Buffer): Verdict {
  const about = entries.filter((entry) => namesHost(entry, name))
  const revoked = about.find((entry) => entry.marker === '@revoked' && entry.key.equals(key))
  if (revoked) return { kind: 'revoked', entry: revoked }
  const plain = about.filter((entry) => entry.marker === '')
  if (plain.some((entry) => entry.key.equals(key))) return { kind: 'known' }
  const [other] = plain
  return other ? { kind: 'changed', entry: other } : { kind: 'unknown' }
}

/** "SHA256:…", as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The key's type, the first string of its wire form (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string {
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString()
}
