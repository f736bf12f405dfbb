import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { apiServerPod } from './api-server.js'
import { controllerManagerPod } from './controller-manager.js'
import { etcdPod } from './etcd.js'
import { schedulerPod } from './scheduler.js'

/** What static pods depend on beside the inventory. */
export interface StaticPodFacts {
  /** Those of `release.staticPods.caDirectories` that exist on the host; others are ignored. */
  caDirectories: readonly string[]
  /** The certificate of ca.key; default ca.crt, of which that is the only one. */
  signingCertificate?: string
  /** etcd's --initial-cluster, "cp1=https://10.0.0.1:2380,…"; default: this host alone. */
  initialCluster?: string
  /** Set when the member joins a cluster that is there. */
  initialClusterState?: 'existing'
}

export interface PodInput {
  spec: ClusterSpec
  host: HostSpec
  release: Release
  facts: StaticPodFacts
}

/** The static pods of a control plane by name, as kubeadm makes them; no etcd with external etcd. */
export function staticPods(
  spec: ClusterSpec,
  host: HostSpec,
  release: Release,
  facts: StaticPodFacts,
): ReadonlyMap<string, KubeObject> {
  const input = { spec, host, release, facts }
  const pods = [
    ...(spec.etcd.external ? [] : [etcdPod(input)]),
    apiServerPod(input),
    controllerManagerPod(input),
    schedulerPod(input),
  ]
  return new Map(pods.map((pod) => [pod.metadata.name, pod]))
}
