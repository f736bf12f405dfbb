import { isIP } from 'node:net'
import { etcdHostSpecs } from '../inventory/etcd-to-spec.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import type { Release } from '../kubernetes/releases/release.js'
import { serviceAddress } from '../kubernetes/service-address.js'
import { type CertificateSpec, clientCertificate } from './certificate-spec.js'

export type { CertificateSpec } from './certificate-spec.js'

/** The leaf certificates kubeadm makes on a control plane. */
export function certificateTree(spec: ClusterSpec, host: HostSpec, release: Release): CertificateSpec[] {
  const { kubeletClientOrganization, etcdClientOrganization, leafBasicConstraints } = release.certificates
  const basicConstraints = leafBasicConstraints
  const apiServer = { basicConstraints, readers: ['kube-apiserver'] }
  const client = { organization: undefined, usages: ['clientAuth'], names: [] } as const
  const tree: CertificateSpec[] = [
    {
      ...apiServer,
      name: 'apiserver',
      file: 'apiserver',
      commonName: 'kube-apiserver',
      organization: undefined,
      usages: ['serverAuth'],
      names: apiServerNames(spec, host),
      signer: 'kubernetes',
    },
    {
      ...apiServer,
      ...client,
      name: 'apiserver-kubelet-client',
      file: 'apiserver-kubelet-client',
      commonName: 'kube-apiserver-kubelet-client',
      organization: kubeletClientOrganization,
      signer: 'kubernetes',
    },
    {
      ...apiServer,
      ...client,
      name: 'front-proxy-client',
      file: 'front-proxy-client',
      commonName: 'front-proxy-client',
      signer: 'frontProxy',
    },
  ]
  const etcdClient: CertificateSpec = {
    ...apiServer,
    ...client,
    name: 'apiserver-etcd-client',
    file: 'apiserver-etcd-client',
    commonName: 'kube-apiserver-etcd-client',
    organization: etcdClientOrganization,
    signer: 'etcd',
  }
  if (etcdHostSpecs(spec).length > 0) return [...tree, etcdClient]
  if (spec.etcd.external) return tree
  return [...tree, ...etcdMemberCertificates(host, release), etcdClient]
}

/** What kubeadm makes for a member of etcd, beside an API server or on a host of its own; the last is for who looks after it. */
export function etcdMemberCertificates(host: HostSpec, release: Release): CertificateSpec[] {
  const { etcdClientOrganization, leafBasicConstraints: basicConstraints } = release.certificates
  const member = {
    commonName: host.name,
    organization: undefined,
    usages: ['serverAuth', 'clientAuth'],
    names: sorted([host.name, 'localhost', host.address, '127.0.0.1', '::1']),
    basicConstraints,
    signer: 'etcd',
    readers: ['etcd'],
  } as const
  return [
    { ...member, name: 'etcd-server', file: 'etcd/server' },
    { ...member, name: 'etcd-peer', file: 'etcd/peer' },
    {
      name: 'etcd-healthcheck-client',
      file: 'etcd/healthcheck-client',
      commonName: 'kube-etcd-healthcheck-client',
      organization: etcdClientOrganization,
      usages: ['clientAuth'],
      names: [],
      basicConstraints,
      signer: 'etcd',
      readers: [],
    },
  ]
}

/** The certificate a kubelet shows to the API server. */
export function kubeletCertificate(host: HostSpec, release: Release): CertificateSpec {
  return clientCertificate('kubelet.conf', `system:node:${host.name}`, 'system:nodes', release, [])
}

function apiServerNames(spec: ClusterSpec, host: HostSpec): string[] {
  return sorted([
    host.name,
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${spec.networking.dnsDomain}`,
    serviceAddress(spec.networking.serviceSubnet, 1),
    host.address,
    spec.endpoint.host,
    ...spec.apiServer.certSANs,
  ])
}

/** kubeadm's order: DNS names sorted, then addresses as they come; each once. */
function sorted(names: readonly string[]): string[] {
  const unique = [...new Set(names)]
  return [...unique.filter((name) => isIP(name) === 0).sort(), ...unique.filter((name) => isIP(name) !== 0)]
}
