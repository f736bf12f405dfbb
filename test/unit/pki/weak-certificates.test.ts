import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { Secret } from '../../../src/lib/secret.js'
import { type Authorities, type Authority, createAuthorities } from '../../../src/pki/authorities.js'
import { authorityProblem, keyFits } from '../../../src/pki/authority-problem.js'
import { certificateTree, kubeletCertificate } from '../../../src/pki/certificates.js'
import { certificateDifferences } from '../../../src/pki/inspect.js'
import { issue } from '../../../src/pki/issue.js'
import { readCertificate } from '../../../src/pki/read-certificate.js'
import { type Forged, forged } from '../../support/certificates.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const now = new Date('2026-11-21T12:00:00Z')
const dayMs = 24 * 3600 * 1000
const days = (n: number): Date => new Date(now.getTime() + n * dayMs)
const [wanted] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.20.2'))
if (!wanted) throw new Error('no certificates')

let authorities: Authorities
let ca: Authority
beforeAll(async () => {
  authorities = await createAuthorities({ now, random: randomBytes, etcd: false })
  ca = authorities.kubernetes
})

const differencesOf = (how: Forged): string[] =>
  certificateDifferences(forged(wanted, ca, now, how).certificate, wanted, ca.trusted, now)

describe('A leaf certificate that is right in its names and signed by our authority', () => {
  it('passes when nothing is weak', () => {
    expect(differencesOf({})).toEqual([])
  })

  it('does not pass when it may sign others', () => {
    expect(differencesOf({ content: { authority: true } })).toContain(
      'says that it is a certificate authority (CA:TRUE)',
    )
  })

  it('does not pass with an RSA key of 1024 bits', () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(differencesOf({ key })).toEqual(['has an RSA key of 1024 bits, of which 2048 are the least'])
  })

  it.each([
    ['sha1', '1.2.840.113549.1.1.5', 'SHA-1 with RSA'],
    ['md5', '1.2.840.113549.1.1.4', 'MD5 with RSA'],
  ] as const)('does not pass when it is signed by %s', (digest, algorithm, name) => {
    expect(differencesOf({ digest, algorithm })).toEqual([`is signed by ${name}, which is broken`])
  })

  it('does not pass when it is signed by what nobody knows', () => {
    expect(differencesOf({ algorithm: '1.2.3.4' })).toContain('is signed by an unknown algorithm (1.2.3.4)')
  })

  it('does not pass when it outlives its authority', () => {
    expect(differencesOf({ content: { notAfter: days(4000) } })).toEqual([
      `is valid longer than its authority, which expires on ${readCertificate(ca.signer.certificate).notAfter.toISOString()}`,
    ])
  })

  it('does not pass before its time', () => {
    expect(differencesOf({ content: { notBefore: days(1) } })).toEqual([
      `is not valid before ${days(1).toISOString()}`,
    ])
  })

  it('does not pass with a name that nobody asked for, of whatever kind', () => {
    expect(differencesOf({ content: { names: [...wanted.names, 'evil.example.com'] } })).toEqual([
      'has name evil.example.com, which is not expected',
    ])
  })
})

describe('The certificate of a kubelet', () => {
  const kubelet = kubeletCertificate(hostSpec(), releaseFor('1.36.2'))
  const of = (key: Forged['key'], how: Forged = {}): string[] =>
    certificateDifferences(
      forged(kubelet, ca, now, { ...(key ? { key } : {}), ...how }).certificate,
      kubelet,
      ca.trusted,
      now,
    )

  it.each(['P-256', 'P-384', 'P-521'])('passes with a key on %s, which only signs', (namedCurve) => {
    expect(of(generateKeyPairSync('ec', { namedCurve }))).toEqual([])
  })

  it('passes with an Ed25519 key', () => {
    expect(of(generateKeyPairSync('ed25519'))).toEqual([])
  })

  it('does not pass on a curve that Kubernetes does not know', () => {
    expect(of(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))).toEqual([
      'has a key on the curve secp256k1',
    ])
  })
})

describe('An authority that was found', () => {
  const problem = (how: Forged, at = now): string | undefined =>
    authorityProblem(forged(wanted, ca, now, how).certificate, at)

  it('will do when it is one', () => {
    expect(authorityProblem(ca.signer.certificate, now)).toBeUndefined()
    expect(authorityProblem(authorities.frontProxy.signer.certificate, now)).toBeUndefined()
  })

  it.each<[string, () => string | undefined]>([
    ['is not a certificate authority (CA:TRUE is missing)', () => problem({})],
    [
      `expired on ${days(-1).toISOString()}`,
      () => problem({ content: { authority: true, notAfter: days(-1) } }),
    ],
    [
      `is not valid before ${days(2).toISOString()}`,
      () => problem({ content: { authority: true, notBefore: days(2) } }),
    ],
    ['is not a certificate', () => authorityProblem('nonsense', now)],
  ])('will not when it %s', (words, found) => {
    expect(found()).toBe(words)
  })

  it('is told from its key', () => {
    const { key: other } = authorities.frontProxy.signer
    if (!ca.signer.key || !other) throw new Error('no keys')
    expect(keyFits(ca.signer.certificate, ca.signer.key)).toBe(true)
    expect(keyFits(ca.signer.certificate, other)).toBe(false)
    expect(() => keyFits(ca.signer.certificate, new Secret('c2VjcmV0'))).toThrow('not a private key in PEM')
  })

  it('signs nothing that outlives it', async () => {
    const short = forged({ ...wanted, commonName: 'kubernetes' }, ca, now, {
      content: { authority: true, notAfter: days(60), notBefore: days(-1) },
    })
    const { certificate } = await issue(wanted, short, { now, random: randomBytes })
    expect(readCertificate(certificate).notAfter).toEqual(days(60))
    expect(certificateDifferences(certificate, wanted, [short.certificate], now, 90 * dayMs)).toEqual([])
  })
})
