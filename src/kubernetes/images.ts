import type { ClusterSpec } from '../inventory/spec.js'
import type { Release } from './releases/release.js'

export type Component =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'etcd'
  | 'pause'
  | 'coredns'

/** The release of a machine, and that of the add-ons, which are one for the cluster. */
export interface ImageReleases {
  own: Release
  addOns: Release
}

/** What a node runs whatever its role, and what a control plane runs besides (kubeadm config images list). */
export function imagesNeeded(
  by: 'control-plane' | 'node',
  spec: ClusterSpec,
  { own, addOns }: ImageReleases,
): readonly string[] {
  const components: readonly Component[] =
    by === 'node'
      ? ['kube-proxy', 'pause']
      : [
          'kube-apiserver',
          'kube-controller-manager',
          'kube-scheduler',
          ...(spec.etcd.external ? [] : (['etcd'] as const)),
          ...(spec.dns.enabled ? (['coredns'] as const) : []),
        ]
  return components.map((component) =>
    imageFor(component, spec, component === 'kube-proxy' || component === 'coredns' ? addOns : own),
  )
}

/** Registry in front of image names: the inventory's, or the release's own. */
export function imageRepository(spec: ClusterSpec, release: Release): string {
  return spec.imageRepository ?? release.images.repository
}

/** The image a component runs, "k8s.gcr.io/kube-apiserver:v1.20.2". */
export function imageFor(component: Component, spec: ClusterSpec, release: Release): string {
  const repository = imageRepository(spec, release)
  switch (component) {
    case 'etcd':
      return `${repository}/etcd:${spec.etcd.imageTag ?? release.images.etcd}`
    case 'pause':
      return `${repository}/pause:${release.images.pause}`
    case 'coredns': {
      // the sub-directory exists in the default registry only (kubeadm: GetDNSImage)
      const path = repository === release.images.repository ? release.images.corednsPath : 'coredns'
      return `${repository}/${path}:${spec.dns.imageTag ?? release.images.coredns}`
    }
    default:
      // an image tag has no "+" (kubeadm: KubernetesVersionToImageTag)
      return `${repository}/${component}:v${release.version.replaceAll('+', '_')}`
  }
}
