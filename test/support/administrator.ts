import { randomBytes } from 'node:crypto'
import { type Authority, createAuthorities } from '../../src/pki/authorities.js'
import type { CertificateSpec } from '../../src/pki/certificate-spec.js'
import { forged } from './certificates.js'

const now = new Date()
const spec: CertificateSpec = {
  name: 'admin.conf',
  file: 'admin.conf',
  commonName: 'kubernetes-admin',
  organization: 'system:masters',
  usages: ['clientAuth'],
  names: [],
  basicConstraints: false,
  signer: 'kubernetes',
  readers: [],
}

/** Two clusters' authorities, made once. */
export const authorities: readonly [Authority, Authority] = await Promise.all([
  createAuthorities({ etcd: false, now, random: randomBytes }).then(({ kubernetes }) => kubernetes),
  createAuthorities({ etcd: false, now, random: randomBytes }).then(({ kubernetes }) => kubernetes),
])

/** An administrator of one of them. PEM. */
export function administrator(authority = authorities[0]) {
  const { certificate, key } = forged(spec, authority, now)
  return { ca: authority.signer.certificate, cert: certificate, key }
}
