import type { ClusterSpec } from '../../inventory/spec.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { bootstrapRbac } from './bootstrap-rbac.js'
import { clusterInfo } from './cluster-info.js'
import { coreDns } from './core-dns.js'
import { kubeProxy } from './kube-proxy.js'
import { kubeadmConfig } from './kubeadm-config.js'
import { type KubeletNode, kubeletConfigMap } from './kubelet.js'

export interface ClusterObjects {
  /** Named by every kubeadm command that looks at the cluster. */
  kubeadmConfig: KubeObject
  /** Joining nodes copy it to their config.yaml. */
  kubeletConfig: KubeObject
  bootstrapRbac: readonly KubeObject[]
  /** @param caPem the cluster's authority */
  clusterInfo(caPem: string): KubeObject
  kubeProxy: readonly KubeObject[]
  coreDns: readonly KubeObject[]
}

/**
 * The objects kubeadm leaves in a cluster.
 * @param node what the first control plane adds to the kubelets' configuration
 */
export function clusterObjects(
  spec: ClusterSpec,
  release: Release,
  node: Omit<KubeletNode, 'criSocket'> = {},
): ClusterObjects {
  return {
    kubeadmConfig: kubeadmConfig(spec, release),
    kubeletConfig: kubeletConfigMap(spec, release, node),
    bootstrapRbac: bootstrapRbac(release),
    clusterInfo: (caPem) => clusterInfo(spec, release, caPem),
    kubeProxy: kubeProxy(spec, release),
    coreDns: coreDns(spec, release),
  }
}
