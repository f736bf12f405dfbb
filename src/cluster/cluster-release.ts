import { releaseFor } from '../kubernetes/releases/index.js'
import { newestOf, oldestOf } from '../kubernetes/releases/order.js'
import type { Release } from '../kubernetes/releases/release.js'
import { oncePer } from '../lib/once-per.js'
import type { Context } from './context.js'
import { isControlPlane } from './machine.js'

type Cluster = Pick<Context, 'spec' | 'machines'>

/**
 * The release that the cluster is configured as: the newest that one of its control planes should run. It is that of the
 * ConfigMaps kubeadm-config and kubelet-config, of RBAC rules, and of what else is there once and has to be there for the
 * first control plane of a new release: `kubeadm upgrade apply` writes these there (phases/upgrade/postupgrade.go),
 * `kubeadm upgrade node` no more on others. Without control planes in the run: that of the inventory.
 */
export const clusterRelease = oncePer(
  (cluster: Cluster): Release => newestOf(wanted(cluster)) ?? own(cluster),
)

/**
 * The release whose APIs every API server of the cluster serves: the oldest that one of its control planes should run.
 */
export const servedRelease = oncePer((cluster: Cluster): Release => oldestOf(wanted(cluster)) ?? own(cluster))

/**
 * The release of kube-proxy and CoreDNS: as kubeadm has it from 1.28 on, they are upgraded when the last control plane
 * is (kubernetes/kubernetes#116570): kube-proxy may not be newer than an API server that it asks
 * (kubernetes.io/releases/version-skew-policy).
 */
export const addOnsRelease = servedRelease

const wanted = ({ machines }: Cluster): Release[] =>
  machines.filter(isControlPlane).map(({ release }) => release.wanted)

const own = ({ spec }: Cluster): Release => releaseFor(spec.version)
