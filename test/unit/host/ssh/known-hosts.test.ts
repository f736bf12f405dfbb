import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  fingerprint,
  judge,
  keyTypeOf,
  knownHostName,
  namesHost,
  parseKnownHosts,
} from '../../../../src/host/ssh/known-hosts.js'

// plain, hashed (ssh-keygen -H) and keys ("name base64 fingerprint", by ssh-keygen -l) are OpenSSH 9.2's
const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

const keys = new Map(
  fixture('keys')
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', key = '', print = ''] = line.split(' ')
      return [name, { key: Buffer.from(key, 'base64'), print }]
    }),
)

function keyOf(name: string): Buffer {
  const found = keys.get(name)
  if (!found) throw new Error(`no fixture key ${name}`)
  return found.key
}

const plain = parseKnownHosts(fixture('plain'), 'plain')
const hashed = parseKnownHosts(fixture('hashed'), 'hashed')

describe('parseKnownHosts', () => {
  it('passes over comments, empty lines and lines without a key, and counts lines all the same', () => {
    expect(plain.map(({ at, marker, keyType }) => `${at} ${marker} ${keyType}`)).toEqual([
      'plain:3  ssh-ed25519',
      'plain:4  ssh-rsa',
      'plain:5  ecdsa-sha2-nistp256',
      'plain:6 @revoked ssh-ed25519',
      'plain:7 @cert-authority ssh-ed25519',
    ])
  })

  it('reads a file with Windows line ends', () => {
    const [entry] = parseKnownHosts(fixture('plain').replaceAll('\n', '\r\n'), 'plain')
    expect(entry?.key.equals(keyOf('ed25519'))).toBe(true)
  })
})

describe('judge', () => {
  it.each([
    ['a host by name', 'node1.lab', 'ed25519', 'known'],
    ['a host by the second name of its line', '10.0.0.1', 'ed25519', 'known'],
    ['a host in other letter case', 'NODE1.lab', 'ed25519', 'known'],
    ['a host at its own port', '[node2.lab]:2222', 'rsa', 'known'],
    ['the same host at another port', '[node2.lab]:22', 'rsa', 'unknown'],
    ['the same host at the usual port', 'node2.lab', 'rsa', 'unknown'],
    ['a host by *', 'a.b.web.lab', 'ecdsa', 'known'],
    ['a host by ?', 'node7', 'ecdsa', 'known'],
    ['a host that ? is too short for', 'node77', 'ecdsa', 'unknown'],
    ['a host that ! takes out', 'db.web.lab', 'ecdsa', 'unknown'],
    ['a dot that is no wildcard', 'node1xlab', 'ed25519', 'unknown'],
    ['another key of the same type', 'node1.lab', 'rsa', 'changed'],
    ['a revoked key on any host', 'elsewhere', 'old', 'revoked'],
    ['a revoked key on a host we know', 'node1.lab', 'old', 'revoked'],
    ['a host under a certificate authority only', 'x.ca.lab', 'ed25519', 'unknown'],
    ['a host nobody names', 'elsewhere', 'ed25519', 'unknown'],
  ])('of %s (%s, key %s) says %s', (_, name, key, verdict) => {
    expect(judge(plain, name, keyOf(key)).kind).toBe(verdict)
  })

  it.each([
    ['node1.lab', 'ed25519', 'known'],
    ['[node2.lab]:2222', 'rsa', 'known'],
    ['node1.lab', 'rsa', 'changed'],
    ['node2.lab', 'rsa', 'unknown'],
  ])('finds hashed entries: %s with key %s is %s', (name, key, verdict) => {
    expect(judge(hashed, name, keyOf(key)).kind).toBe(verdict)
  })

  it('names the line that contradicts', () => {
    expect(judge(plain, 'node1.lab', keyOf('rsa'))).toMatchObject({ entry: { at: 'plain:3' } })
  })

  it('believes any of several keys of one host', () => {
    const both = parseKnownHosts(
      `h ssh-rsa ${keyOf('rsa').toString('base64')}\nh ssh-ed25519 ${keyOf('ed25519').toString('base64')}`,
      'f',
    )
    expect(judge(both, 'h', keyOf('ed25519')).kind).toBe('known')
  })
})

describe('names and fingerprints', () => {
  it('writes a host as OpenSSH does', () => {
    expect([knownHostName('10.0.0.1', 22), knownHostName('fd00::2', 2222)]).toEqual([
      '10.0.0.1',
      '[fd00::2]:2222',
    ])
  })

  it('takes brackets and dots in a pattern for themselves', () => {
    const [entry] = parseKnownHosts(`[10.0.0.1]:2222 ssh-rsa ${keyOf('rsa').toString('base64')}`, 'f')
    expect(entry && namesHost(entry, '[10.0.0.1]:2222')).toBe(true)
    expect(entry && namesHost(entry, '1')).toBe(false)
  })

  it.each([...keys])('prints the fingerprint of %s as ssh-keygen -l does', (_, { key, print }) => {
    expect(fingerprint(key)).toBe(print)
  })

  it('reads the type from the key itself', () => {
    expect([...keys.values()].map(({ key }) => keyTypeOf(key))).toEqual([
      'ssh-ed25519',
      'ssh-rsa',
      'ecdsa-sha2-nistp256',
      'ssh-ed25519',
    ])
  })
})

describe('a host in another spelling', () => {
  const type = 'ssh-ed25519'
  const right = keyOf('ed25519')
  const other = keyOf('rsa')
  /** An entry as OpenSSH hashes it: the name as it is. */
  const hashedEntry = (name: string): string => {
    const salt = Buffer.alloc(20, 7)
    const hash = createHmac('sha1', salt).update(name).digest('base64')
    return `|1|${salt.toString('base64')}|${hash} ${type} ${right.toString('base64')}`
  }
  const plainEntry = (name: string): string => `${name} ${type} ${right.toString('base64')}`
  const spellings = [
    ['LOCALHOST', 2222, '[localhost]:2222'],
    ['Node1.Lab', 22, 'node1.lab'],
    ['0:0:0:0:0:0:0:1', 2222, '[::1]:2222'],
    ['2001:DB8:0:0::11', 22, '2001:db8::11'],
    ['::FFFF:10.0.0.1', 22, '::ffff:10.0.0.1'],
  ] as const

  it.each(spellings)('%s at port %i is %s: known with its key, changed with another', (host, port, known) => {
    expect(knownHostName(host, port)).toBe(known)
    for (const line of [hashedEntry(known), plainEntry(known)]) {
      const entries = parseKnownHosts(line, 'f')
      expect(judge(entries, knownHostName(host, port), right).kind).toBe('known')
      expect(judge(entries, knownHostName(host, port), other).kind).toBe('changed')
    }
  })

  it.each(spellings)(
    '%s at port %i that an earlier version wrote as it was spelled is still known',
    (host, port) => {
      const spelled = port === 22 ? host : `[${host}]:${port}`
      expect(judge(parseKnownHosts(plainEntry(spelled), 'f'), knownHostName(host, port), right).kind).toBe(
        'known',
      )
    },
  )
})

describe('a host at a port of its own', () => {
  const bare = parseKnownHosts(`node9.lab ssh-ed25519 ${keyOf('ed25519').toString('base64')}`, 'f')
  it('is known by its bare name when the key is the same, as OpenSSH has it', () => {
    expect(judge(bare, '[node9.lab]:2222', keyOf('ed25519')).kind).toBe('known')
  })
  it('is new, not changed, when the bare name has another key', () => {
    expect(judge(bare, '[node9.lab]:2222', keyOf('rsa')).kind).toBe('unknown')
  })
  it('is not known by its bare name where its port has an entry', () => {
    const both = parseKnownHosts(
      `node9.lab ssh-ed25519 ${keyOf('ed25519').toString('base64')}\n[node9.lab]:2222 ssh-rsa ${keyOf('rsa').toString('base64')}`,
      'f',
    )
    expect(judge(both, '[node9.lab]:2222', keyOf('ed25519')).kind).toBe('changed')
  })
})
