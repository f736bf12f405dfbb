import { createHash, createHmac } from 'node:crypto'
import ipaddr from 'ipaddr.js'
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

/**
 * Lines that cannot be read are passed over, as OpenSSH does.
 * @param before how many lines stand before this text in the file
 */
export function parseKnownHosts(text: string, file: string, before = 0): KnownHost[] {
  return text.split('\n').flatMap((line, i): KnownHost[] => {
    const words = line.trim().split(/\s+/)
    const first = words[0] ?? ''
    if (first === '' || first.startsWith('#')) return []
    const marker = first === '@revoked' || first === '@cert-authority' ? first : ''
    const [names, keyType, key] = marker ? words.slice(1) : words
    if (!names || !keyType || !key) return []
    return [{ marker, names, keyType, key: Buffer.from(key, 'base64'), at: `${file}:${before + i + 1}` }]
  })
}

/**
 * How a host stands in known_hosts: bare on port 22, "[host]:port" otherwise; in lower case, addresses in the one
 * form that getnameinfo(3) gives them (as OpenSSH has it: ssh_login, resolve_addr). Another spelling of a host that is
 * known is the same host: it must not be taken for a new one.
 */
export function knownHostName(host: string, port: number): string {
  const name = canonicalHost(host)
  return port === 22 ? name : `[${name}]:${port}`
}

/** "[host]:port" without the port; undefined for a name that has none. */
export function withoutPort(name: string): string | undefined {
  return /^\[(.+)\]:\d+$/.exec(name)?.[1]
}

function canonicalHost(host: string): string {
  const lower = host.toLowerCase()
  if (!ipaddr.isValid(lower)) return lower
  const address = ipaddr.parse(lower)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
    ? `::ffff:${address.toIPv4Address()}`
    : address.toString()
}

/** A name of known_hosts, maybe with a port, in the form of `knownHostName`. */
export function canonicalName(name: string): string {
  const { host = name, port } = /^\[(?<host>.+)\]:(?<port>\d+)$/.exec(name)?.groups ?? {}
  return port === undefined ? canonicalHost(host) : `[${canonicalHost(host)}]:${port}`
}

/** Whether an entry speaks of this name: hashed (|1|salt|HMAC-SHA1), or patterns with * and ?, ! negating. */
export function namesHost(entry: KnownHost, name: string): boolean {
  if (entry.names.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = entry.names.split('|')
    // kubestrap 0.1.0 wrote and looked for names as they were spelled; OpenSSH hashes the canonical one
    return [...new Set([canonicalName(name), name])].some(
      (one) => createHmac('sha1', Buffer.from(salt, 'base64')).update(one).digest('base64') === hash,
    )
  }
  const patterns = entry.names.split(',')
  return matchesPatterns(patterns.map(canonicalPattern), canonicalName(name), 'i')
}

/** A pattern whose address is in the one form; with wildcards in it, as it is. */
function canonicalPattern(pattern: string): string {
  if (/[*?]/.test(pattern)) return pattern
  return pattern.startsWith('!') ? `!${canonicalName(pattern.slice(1))}` : canonicalName(pattern)
}

export type Verdict =
  | { kind: 'known' }
  | { kind: 'unknown' }
  | { kind: 'changed'; entry: KnownHost }
  | { kind: 'revoked'; entry: KnownHost }

/**
 * What known_hosts says of a key the server showed. A host known by another key has changed. One that is unknown at
 * its port may be known by its bare name: that counts when the key is the same (OpenSSH, check_host_key: "checking
 * without port identifier").
 */
export function judge(entries: readonly KnownHost[], name: string, key: Buffer): Verdict {
  const verdict = judgeByName(entries, name, key)
  const bare = withoutPort(name)
  if (verdict.kind !== 'unknown' || bare === undefined) return verdict
  const without = judgeByName(entries, bare, key)
  return without.kind === 'changed' ? verdict : without
}

function judgeByName(entries: readonly KnownHost[], name: string, key: Buffer): Verdict {
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
