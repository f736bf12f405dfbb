import { randomBytes, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { adminConf, adminCredentials, superAdminConf } from '../../../src/cluster/admin-credentials.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { Secret } from '../../../src/lib/secret.js'
import { type Authorities, createAuthorities } from '../../../src/pki/authorities.js'
import { keyFits } from '../../../src/pki/authority-problem.js'
import { clientCertificate } from '../../../src/pki/certificate-spec.js'
import { certificateDifferences } from '../../../src/pki/inspect.js'
import { buildKubeconfig } from '../../../src/pki/kubeconfig.js'
import { aged } from '../../support/certificates.js'
import { machine } from '../../support/context.js'
import { type FileHost, fileHost } from '../../support/file-host.js'

const now = new Date()
const signing = { now: () => now, random: randomBytes }
const release = releaseFor('1.36.2')
const admin = clientCertificate('admin.conf', 'kubernetes-admin', 'kubeadm:cluster-admins', release, [])
const caKey = '/etc/kubernetes/pki/ca.key'

let authorities: Authorities
beforeAll(async () => {
  authorities = await createAuthorities({ etcd: false, ...signing, now })
})

function plane(daysLeft: number, key: string | undefined): FileHost {
  const ca = authorities.kubernetes
  const { certificate, key: own } = aged(admin, ca, now, daysLeft)
  const text = buildKubeconfig({
    clusterName: 'kubernetes',
    server: 'https://10.0.0.1:6443',
    ca: ca.signer.certificate,
    user: 'kubernetes-admin',
    certificate,
    key: own,
  })
  return fileHost(machine(), { [adminConf]: text.reveal(), ...(key === undefined ? {} : { [caKey]: key }) })
}
const own = (): string => authorities.kubernetes.signer.key?.reveal() ?? ''

describe('The administrator of a run', () => {
  test('is that of admin.conf while it is valid, and no key is read', async () => {
    const { machine: host } = plane(3, undefined)
    const found = await adminCredentials(host, signing)
    expect(new Date(new X509Certificate(found?.cert ?? '').validTo) > now).toBe(true)
  })

  test('is another by another kubeconfig, which is named when it cannot be used', async () => {
    const { machine: host, files } = plane(3, undefined)
    expect(await adminCredentials(host, signing, superAdminConf)).toBeUndefined()
    files.set(superAdminConf, files.get(adminConf) ?? '')
    expect((await adminCredentials(host, signing, superAdminConf))?.cert).toContain('CERTIFICATE')
    files.set(superAdminConf, 'nonsense')
    await expect(adminCredentials(host, signing, superAdminConf)).rejects.toMatchObject({
      message: `${superAdminConf} cannot be used`,
      next: expect.stringContaining('kubeadm init phase kubeconfig super-admin'),
    })
  })

  test('is nobody where there is no admin.conf yet', async () => {
    expect(await adminCredentials(fileHost(machine(), {}).machine, signing)).toBeUndefined()
  })

  test('signs himself the same certificate for an hour when admin.conf has expired, and writes it nowhere', async () => {
    const { machine: host, done } = plane(-3, own())
    const found = await adminCredentials(host, signing)
    if (!found) throw new Error('no credentials')
    expect(certificateDifferences(found.cert, admin, authorities.kubernetes.trusted, now)).toEqual([])
    const left = new Date(new X509Certificate(found.cert).validTo).getTime() - now.getTime()
    expect(left).toBeGreaterThan(3_500_000)
    expect(left).toBeLessThanOrEqual(3_600_000)
    expect(keyFits(found.cert, found.key)).toBe(true)
    expect(done).toEqual([])
  })

  test('is told when admin.conf has expired and the key of the authority is elsewhere', async () => {
    await expect(adminCredentials(plane(-3, undefined).machine, signing)).rejects.toMatchObject({
      kind: 'step',
      host: 'cp1',
      message: expect.stringMatching(/^the administrator's certificate expired on 20/),
      next: expect.stringContaining('kubeadm certs renew admin.conf'),
    })
  })

  test('signs nothing with a key that is not the authority’s', async () => {
    const other = authorities.frontProxy.signer.key ?? new Secret('')
    await expect(adminCredentials(plane(-3, other.reveal()).machine, signing)).rejects.toThrow(
      '/etc/kubernetes/pki/ca.key does not fit /etc/kubernetes/pki/ca.crt',
    )
  })
})
