import type { Secret } from '../lib/secret.js'
import { newKeyPair, newSerial } from './key-pair.js'
import { signCertificate } from './sign.js'
import { distinguishedName } from './tbs.js'
import { type TrustList, trustText } from './trust.js'

/** Who signs. */
export interface Signer {
  /** PEM. */
  certificate: string
  /** PEM (PKCS#1 when we made it); absent when it was not read. */
  key?: Secret
}

/**
 * A certificate authority of the cluster: who signs, and what is trusted. While a CA is rotated the two are not the same:
 * what the old one signed is still there.
 */
export interface Authority {
  signer: Signer
  /** The signer's certificate among them; in most cases it alone. */
  trusted: TrustList
}

/** The text of its file, which clients and servers know each other by: ca.crt. */
export const bundleOf = ({ trusted }: Authority): string => trustText(trusted)

export interface Authorities {
  kubernetes: Authority
  frontProxy: Authority
  /** Absent with external etcd. */
  etcd?: Authority
  /** The key pair service account tokens are signed with; PEM. */
  serviceAccount: { publicKey: string; key?: Secret }
}

export interface CreateOptions {
  /** Make one for etcd. */
  etcd: boolean
  /** Say the CN as a DNS name too: `release.certificates.authorityDnsName`. Default false. */
  dnsName?: boolean
  now: Date
  random(bytes: number): Buffer
}

const yearMs = 365 * 24 * 3600 * 1000
/** kubeadm's CertificateBackdate: a host whose clock is behind ours must not refuse the first certificate. */
const backdateMs = 5 * 60 * 1000

/** New authorities, valid ten years, and a new service account key; keys are made in parallel. */
export async function createAuthorities(options: CreateOptions): Promise<Authorities> {
  const [kubernetes, frontProxy, etcd, account] = await Promise.all([
    createAuthority('kubernetes', options),
    createAuthority('front-proxy-ca', options),
    options.etcd ? createAuthority('etcd-ca', options) : undefined,
    newKeyPair(),
  ])
  const publicKey = account.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return {
    kubernetes,
    frontProxy,
    ...(etcd ? { etcd } : {}),
    serviceAccount: { publicKey, key: account.key },
  }
}

/** A new authority, valid ten years. */
export async function createAuthority(
  commonName: string,
  options: Omit<CreateOptions, 'etcd'>,
): Promise<Authority> {
  const { publicKey, key } = await newKeyPair()
  const name = distinguishedName(commonName)
  const certificate = signCertificate(
    {
      serial: newSerial(options.random),
      issuer: name,
      subject: name,
      notBefore: new Date(options.now.getTime() - backdateMs),
      notAfter: new Date(options.now.getTime() + 10 * yearMs),
      publicKey,
      authority: true,
      extendedUsages: [],
      basicConstraints: true,
      names: options.dnsName ? [commonName] : [],
      authorityKeyIdentifier: undefined,
    },
    key,
  )
  return { signer: { certificate, key }, trusted: [certificate] }
}
