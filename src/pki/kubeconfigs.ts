import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import type { Release } from '../kubernetes/releases/release.js'
import { hostPort } from '../kubernetes/service-address.js'
import { type CertificateSpec, clientCertificate } from './certificate-spec.js'

/** A kubeconfig as it should be. */
export interface KubeconfigSpec {
  /** Below /etc/kubernetes: "admin.conf". */
  file: string
  user: string
  commonName: string
  organization: string | undefined
  /** URL. */
  server: string
  /** Has an empty `preferences`, for buildKubeconfig. */
  preferences: boolean
  /** The certificate embedded in it. */
  certificate: CertificateSpec
  /** Static pods that read it: they are restarted when it changes. */
  readers: readonly string[]
}

/**
 * The kubeconfigs kubeadm makes on a control plane, without the kubelet's. super-admin.conf is made
 * on the control plane a cluster is born on (the inventory's first), as `kubeadm init` does.
 */
export function kubeconfigTree(spec: ClusterSpec, host: HostSpec, release: Release): KubeconfigSpec[] {
  const entry = (
    file: string,
    user: string,
    organization: string | undefined,
    server: string,
    readers: readonly string[] = [],
  ): KubeconfigSpec => ({
    file,
    user,
    commonName: user,
    organization,
    server,
    preferences: release.kubeconfig.preferences,
    certificate: clientCertificate(file, user, organization, release, readers),
    readers,
  })
  const endpoint = endpointServer(spec)
  const local = localServer(spec, host)
  const first = spec.hosts.find(({ roles }) => roles.includes('control-plane'))
  return [
    entry('admin.conf', 'kubernetes-admin', release.certificates.adminOrganization, endpoint),
    ...(release.kubeconfig.superAdmin && first?.name === host.name
      ? [entry('super-admin.conf', 'kubernetes-super-admin', 'system:masters', endpoint)]
      : []),
    ...(['controller-manager', 'scheduler'] as const).map((name) =>
      entry(`${name}.conf`, `system:kube-${name}`, undefined, local, [`kube-${name}`]),
    ),
  ]
}

/** URL a host's kubelet talks to. */
export function kubeletServer(spec: ClusterSpec, host: HostSpec, release: Release): string {
  const local = release.kubeconfig.kubeletLocal && host.roles.includes('control-plane')
  return local ? localServer(spec, host) : endpointServer(spec)
}

/** URL of the cluster's endpoint. */
export function endpointServer({ endpoint }: ClusterSpec): string {
  return `https://${hostPort(endpoint.host, endpoint.port)}`
}

const localServer = (spec: ClusterSpec, host: HostSpec): string =>
  `https://${hostPort(host.address, spec.apiServer.bindPort)}`
