import type { Release } from '../kubernetes/releases/release.js'
import type { ExtendedUsage } from './tbs.js'

/** A certificate as it should be. */
export interface CertificateSpec {
  /** What `kubeadm certs renew` calls it. */
  name: string
  /** Below /etc/kubernetes/pki, without extension: "etcd/server". */
  file: string
  commonName: string
  organization: string | undefined
  usages: readonly ExtendedUsage[]
  /** DNS names (sorted), then IP addresses. */
  names: readonly string[]
  /** Says CA:FALSE. */
  basicConstraints: boolean
  signer: 'kubernetes' | 'frontProxy' | 'etcd'
  /** What reads it and is restarted when it changes: static pods; etcd may be a unit instead. */
  readers: readonly string[]
}

/** A certificate that lives in a kubeconfig. */
export function clientCertificate(
  file: string,
  user: string,
  organization: string | undefined,
  release: Release,
  readers: readonly string[],
): CertificateSpec {
  return {
    name: file,
    file,
    commonName: user,
    organization,
    usages: ['clientAuth'],
    names: [],
    basicConstraints: release.certificates.leafBasicConstraints,
    signer: 'kubernetes',
    readers,
  }
}
