import { randomBytes } from 'node:crypto'
import { etcdHostSpecs } from '../../src/inventory/etcd-to-spec.js'
import type { ClusterSpec } from '../../src/inventory/spec.js'
import { bootstrapTokenSecret } from '../../src/kubernetes/config/bootstrap-token.js'
import { clusterObjects } from '../../src/kubernetes/config/cluster-objects.js'
import {
  kubeletConfiguration,
  kubeletFlags,
  kubeletInstanceConfig,
} from '../../src/kubernetes/config/kubelet.js'
import { staticPods } from '../../src/kubernetes/manifests/static-pods.js'
import type { Release } from '../../src/kubernetes/releases/release.js'
import { renderYaml } from '../../src/kubernetes/render-yaml.js'
import { Secret } from '../../src/lib/secret.js'
import { type Authorities, createAuthorities } from '../../src/pki/authorities.js'
import { type CertificateSpec, certificateTree, kubeletCertificate } from '../../src/pki/certificates.js'
import { issue } from '../../src/pki/issue.js'
import { buildKubeconfig } from '../../src/pki/kubeconfig.js'
import { kubeconfigTree, kubeletServer } from '../../src/pki/kubeconfigs.js'
import { hostSpec } from '../support/spec.js'
import { type Json, keyOf } from './api-objects.js'
import { certificateText, clientCertificateLine } from './certificate-text.js'

const now = new Date('2026-11-21T05:05:32Z')
const host = hostSpec()

/** Certificates of the captured host's trust store directories. */
const caDirectories = [
  '/etc/ca-certificates',
  '/usr/local/share/ca-certificates',
  '/usr/share/ca-certificates',
]

/** Key pairs take long to make, and nothing that is compared depends on them: what is issued alike is issued once. */
const made = new Map<string, Promise<unknown>>()
function once<T>(of: unknown, make: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(of)
  const known = (made.get(key) as Promise<T> | undefined) ?? make()
  made.set(key, known)
  return known
}

/** Every file kubestrap makes for the cluster's only host, by the captured files' names. */
export async function builtFiles(
  spec: ClusterSpec,
  release: Release,
  criSocket: string,
): Promise<ReadonlyMap<string, string>> {
  const dnsName = release.certificates.authorityDnsName
  const all = await once({ dnsName }, () =>
    createAuthorities({ etcd: true, dnsName, now, random: randomBytes }),
  )
  const { etcd, ...others } = all
  const authorities: Authorities = !spec.etcd.external || etcdHostSpecs(spec).length > 0 ? all : others
  const issued = (certificate: CertificateSpec) =>
    once({ certificate, dnsName }, () =>
      issue(certificate, authority(authorities, certificate.signer).signer, { now, random: randomBytes }),
    )
  const files = new Map<string, string>()
  for (const [name, pod] of staticPods(spec, host, release, { caDirectories }))
    files.set(`${name}.yaml`, renderYaml(pod))
  files.set('config.yaml', kubeletConfiguration(spec, release, { criSocket }))
  files.set('kubeadm-flags.env', kubeletFlags(spec, host, release, { id: spec.runtime, criSocket }))
  const instance = kubeletInstanceConfig(release, criSocket)
  if (instance !== undefined) files.set('instance-config.yaml', instance)
  for (const [name, ca] of [
    ['ca', authorities.kubernetes],
    ['front-proxy-ca', authorities.frontProxy],
    ['etcd-ca', authorities.etcd],
  ] as const)
    if (ca) files.set(`${name}.crt.txt`, certificateText(ca.signer.certificate))
  await Promise.all(
    certificateTree(spec, host, release).map(async (wanted) => {
      const { certificate } = await issued(wanted)
      files.set(`${wanted.file.replaceAll('/', '-')}.crt.txt`, certificateText(certificate))
    }),
  )
  const kubelet = kubeletCertificate(host, release)
  const kubeconfigs = [
    ...kubeconfigTree(spec, host, release),
    {
      file: 'kubelet.conf',
      user: kubelet.commonName,
      server: kubeletServer(spec, host, release),
      preferences: release.kubeconfig.preferences,
      certificate: kubelet,
    },
  ]
  await Promise.all(
    kubeconfigs.map(async ({ file, user, server, preferences, certificate: wanted }) => {
      const { certificate, key } = await issued(wanted)
      const text = buildKubeconfig({
        clusterName: spec.clusterName,
        server,
        ca: authorities.kubernetes.signer.certificate,
        user,
        certificate,
        key,
        preferences,
      }).reveal()
      const redacted = text.replace(/-data: .*/g, '-data: <redacted>')
      files.set(file, `${redacted}# client certificate: ${clientCertificateLine(certificate)}\n`)
    }),
  )
  return files
}

/** Every object kubestrap makes in the cluster, by "Kind name". */
export function builtObjects(
  spec: ClusterSpec,
  release: Release,
  captured: { ca: string; tokenExpiration: Date },
): ReadonlyMap<string, Json> {
  const objects = clusterObjects(spec, release)
  const token = { id: 'abcdef', secret: new Secret('0123456789abcdef') }
  const all = [
    objects.kubeadmConfig,
    objects.kubeletConfig,
    ...objects.bootstrapRbac,
    objects.clusterInfo(captured.ca),
    bootstrapTokenSecret(token, { expiration: captured.tokenExpiration, description: '' }),
    ...objects.kubeProxy,
    ...objects.coreDns,
  ]
  return new Map(all.map((object) => [keyOf(object), object]))
}

function authority(authorities: Authorities, signer: CertificateSpec['signer']) {
  const found = authorities[signer]
  if (!found) throw new Error(`no authority ${signer}`)
  return found
}
