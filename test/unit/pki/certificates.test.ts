import { randomBytes, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { type Authorities, createAuthorities } from '../../../src/pki/authorities.js'
import { type CertificateSpec, certificateTree } from '../../../src/pki/certificates.js'
import { spkiHash } from '../../../src/pki/fingerprint.js'
import { certificateDifferences } from '../../../src/pki/inspect.js'
import { issue } from '../../../src/pki/issue.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const now = new Date('2026-11-21T12:00:00Z')
const dayMs = 24 * 3600 * 1000
const options = { now, random: randomBytes }
const [wanted] = certificateTree(clusterSpec(), hostSpec(), releaseFor('1.20.2'))
if (!wanted) throw new Error('no certificates')

let authorities: Authorities
let made: string

beforeAll(async () => {
  authorities = await createAuthorities({ ...options, etcd: false })
  made = (await issue(wanted, authorities.kubernetes.signer, options)).certificate
})

describe('A certificate we issue', () => {
  it('is signed by its authority and valid from the first day of that for a year', () => {
    const authority = new X509Certificate(authorities.kubernetes.signer.certificate)
    const leaf = new X509Certificate(made)
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(leaf.validFrom).toBe(authority.validFrom)
    expect(new Date(leaf.validTo)).toEqual(new Date(now.getTime() + 365 * dayMs))
  })

  it('cannot be issued without the key of the authority', async () => {
    const { certificate } = authorities.kubernetes.signer
    await expect(issue(wanted, { certificate }, options)).rejects.toThrow('no key of CA kubernetes')
  })

  it('has no difference from what it should be', () => {
    expect(certificateDifferences(made, wanted, authorities.kubernetes.trusted, now)).toEqual([])
  })
})

describe('Differences of a certificate', () => {
  const of = (spec: Partial<CertificateSpec>, at = now, renewBefore = 0): string[] =>
    certificateDifferences(made, { ...wanted, ...spec }, authorities.kubernetes.trusted, at, renewBefore)

  it.each<[Partial<CertificateSpec>, string[]]>([
    [{ commonName: 'other' }, ['is for kube-apiserver, not other']],
    [{ organization: 'system:masters' }, ['lacks organization system:masters']],
    [{ names: [...wanted.names, 'new.lan'] }, ['lacks name new.lan']],
    [{ names: wanted.names.slice(1) }, [`has name ${wanted.names[0]}, which is not expected`]],
    [{ names: [...wanted.names].reverse() }, []],
    [{ usages: ['clientAuth'] }, ['lacks usage client', 'has usage server, which is not expected']],
  ])('for %j: %j', (spec, differences) => {
    expect(of(spec)).toEqual(differences)
  })

  it('IPv6 addresses are the same however they are written', async () => {
    const spec = { ...wanted, names: ['fd00:0::15', '::1'] }
    const { certificate } = await issue(spec, authorities.kubernetes.signer, options)
    const same = { ...wanted, names: ['0:0:0:0:0:0:0:1', 'FD00::15'] }
    expect(certificateDifferences(certificate, same, authorities.kubernetes.trusted, now)).toEqual([])
  })

  it('its end is one when it has come, or when it is nearer than asked', () => {
    const lastDay = new Date(now.getTime() + 364.5 * dayMs)
    expect(of({}, lastDay)).toEqual([])
    expect(of({}, lastDay, dayMs)).toEqual(['expires on 2027-11-21T12:00:00.000Z, in 12h'])
    expect(of({}, new Date(now.getTime() + 366 * dayMs))).toEqual(['expired on 2027-11-21T12:00:00.000Z'])
    expect(of({}, new Date(now.getTime() - dayMs))).toEqual(['is not valid before 2026-11-21T11:55:00.000Z'])
  })

  it('an authority of the same name with another key is another authority', async () => {
    const other = await createAuthorities({ ...options, etcd: false })
    expect(certificateDifferences(made, wanted, other.kubernetes.trusted, now)).toEqual([
      'is not signed by CN=kubernetes',
    ])
  })

  it('whichever of the trusted authorities signed it will do, and its life is measured by that one', async () => {
    const other = await createAuthorities({ ...options, etcd: false })
    const both = [...other.kubernetes.trusted, ...authorities.kubernetes.trusted]
    expect(certificateDifferences(made, wanted, both, now)).toEqual([])
    expect(certificateDifferences(made, wanted, both.slice(0, 1), now)).toHaveLength(1)
  })

  it('what is no certificate is said to be none', () => {
    expect(certificateDifferences('', wanted, authorities.kubernetes.trusted, now)).toEqual([
      'is not a certificate',
    ])
  })
})

describe('Authorities', () => {
  it('are told apart by the hash kubeadm join takes', () => {
    expect(spkiHash(authorities.kubernetes.signer.certificate)).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(spkiHash(authorities.kubernetes.signer.certificate)).not.toBe(
      spkiHash(authorities.frontProxy.signer.certificate),
    )
  })

  it('there is none for an etcd that is not ours', () => {
    expect(authorities.etcd).toBeUndefined()
  })
})
