import type { ClusterSpec, HostSpec } from '../../src/inventory/spec.js'
import type { Release } from '../../src/kubernetes/releases/release.js'
import { Secret } from '../../src/lib/secret.js'
import type { Signer } from '../../src/pki/authorities.js'
import type { CertificateSpec } from '../../src/pki/certificate-spec.js'
import { certificateTree } from '../../src/pki/certificates.js'
import { buildKubeconfig } from '../../src/pki/kubeconfig.js'
import { kubeconfigTree } from '../../src/pki/kubeconfigs.js'
import { readCertificate } from '../../src/pki/read-certificate.js'
import { forged } from './certificates.js'

const dayMs = 86_400_000
const pki = '/etc/kubernetes/pki'

/** Where the certificate of each authority lies, below the pki directory. */
const authorities = { kubernetes: 'ca', frontProxy: 'front-proxy-ca', etcd: 'etcd/ca' } as const

/**
 * The leaf certificates and kubeconfigs of a control plane as they were a year before they end, issued by the
 * cluster's own authorities.
 * @param read a file of the control plane
 * @param daysLeft until they end; negative: since they ended
 * @returns texts by path
 */
export async function agedFiles(
  { spec, host, release }: { spec: ClusterSpec; host: HostSpec; release: Release },
  read: (path: string) => Promise<string>,
  daysLeft: number,
): Promise<Map<string, string>> {
  const authority = async (name: keyof typeof authorities): Promise<Signer> => ({
    certificate: await read(`${pki}/${authorities[name]}.crt`),
    key: new Secret(await read(`${pki}/${authorities[name]}.key`)),
  })
  const [kubernetes, frontProxy, etcd] = await Promise.all([
    authority('kubernetes'),
    authority('frontProxy'),
    authority('etcd'),
  ])
  const notAfter = new Date(Date.now() + daysLeft * dayMs)
  const content = { notBefore: new Date(notAfter.getTime() - 365 * dayMs), notAfter }
  const old = (leaf: CertificateSpec): { certificate: string; key: Secret } =>
    forged(leaf, { kubernetes, frontProxy, etcd }[leaf.signer], new Date(), { content })
  const files = new Map<string, string>()
  for (const leaf of certificateTree(spec, host, release)) {
    const { certificate, key } = old(leaf)
    files.set(`${pki}/${leaf.file}.crt`, certificate)
    files.set(`${pki}/${leaf.file}.key`, key.reveal())
  }
  for (const { file, certificate, ...one } of kubeconfigTree(spec, host, release))
    files.set(
      `/etc/kubernetes/${file}`,
      buildKubeconfig({
        clusterName: spec.clusterName,
        ca: kubernetes.certificate,
        ...one,
        ...old(certificate),
      }).reveal(),
    )
  return files
}

/** In how many days the certificate of a file ends, which is PEM or a kubeconfig. */
export function daysLeft(text: string): number {
  const data = /client-certificate-data: (\S+)/.exec(text)?.[1]
  const pem = data === undefined ? text : Buffer.from(data, 'base64').toString()
  return Math.round((readCertificate(pem).notAfter.getTime() - Date.now()) / dayMs)
}
