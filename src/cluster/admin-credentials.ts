import { basename } from 'node:path/posix'
import type { Credentials } from '../kubernetes/client/http.js'
import { messageOf, UserError } from '../lib/errors.js'
import type { CertificateSpec } from '../pki/certificate-spec.js'
import { issue } from '../pki/issue.js'
import { parseKubeconfig } from '../pki/kubeconfig.js'
import { type CertificateFacts, readCertificate } from '../pki/read-certificate.js'
import type { Machine } from './machine.js'
import { readKey, refuseUnfitKey } from './pki/keyring.js'
import { authorityFiles } from './pki/paths.js'

export const adminConf = '/etc/kubernetes/admin.conf'
/** From 1.29 on, on the control plane the cluster was born on: all rights, whatever RBAC says. */
export const superAdminConf = '/etc/kubernetes/super-admin.conf'

/** What is needed to tell that a certificate has expired, and to sign another. */
export interface Signing {
  now(): Date
  /** Cryptographically random bytes. */
  random(bytes: number): Buffer
}

/** A run writes a new admin.conf long before this is over. */
const lifeMs = 3600_000
/** One that ends while the first request is on its way has ended. */
const marginMs = 60_000

/**
 * How kubestrap shows itself to the API server of a control plane: by its admin.conf or, when that has expired, by a
 * certificate of the same name and group, signed there and then with the cluster's authority, whose key root has on
 * a control plane. It lives for an hour in this process, and is written nowhere.
 * @param path another administrator's kubeconfig: superAdminConf
 * @returns undefined when there is no such file yet
 * @throws UserError('step') when it has expired and nothing can be signed
 */
export async function adminCredentials(
  { host }: Machine,
  { now, random }: Signing,
  path = adminConf,
): Promise<Credentials | undefined> {
  const state = await host.stat(path, { content: true })
  if (state.kind !== 'file' || !state.content) return undefined
  const { credentials } = read(host.name, path, state.content.toString())
  const own = readCertificate(credentials.cert)
  if (own.notAfter.getTime() > now().getTime() + marginMs) return credentials
  const key = await authorityKey(host, path, own)
  refuseUnfitKey(host.name, authorityFiles.kubernetes, credentials.ca, key)
  const made = await issue(sameAs(own), { certificate: credentials.ca, key }, { now: now(), random, lifeMs })
  return { ca: credentials.ca, cert: made.certificate, key: made.key }
}

function read(host: string, path: string, text: string): ReturnType<typeof parseKubeconfig> {
  try {
    return parseKubeconfig(text)
  } catch (error) {
    throw new UserError('step', `${path} cannot be used`, {
      host,
      why: messageOf(error),
      next: `restore the file, or create it on the host: kubeadm init phase kubeconfig ${basename(path, '.conf')}`,
      cause: error,
    })
  }
}

async function authorityKey(host: Machine['host'], path: string, { notAfter }: CertificateFacts) {
  try {
    return await readKey(host, authorityFiles.kubernetes)
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === 'connection') throw error
    throw new UserError('step', `the administrator's certificate expired on ${notAfter.toISOString()}`, {
      host: host.name,
      why: `it is in ${path}, and no other can be signed: ${error.message}`,
      next: `renew it where the authority's key is (kubeadm certs renew ${basename(path)}), then run again`,
      cause: error,
    })
  }
}

/** The same administrator: name and group come from the certificate that has expired. */
const sameAs = ({ commonName, organizations: [organization] }: CertificateFacts): CertificateSpec => ({
  name: 'admin.conf',
  file: 'admin.conf',
  commonName: commonName ?? 'kubernetes-admin',
  organization,
  usages: ['clientAuth'],
  names: [],
  basicConstraints: false,
  signer: 'kubernetes',
  readers: [],
})
