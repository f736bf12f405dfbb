/** What an inventory that does not say otherwise means. */
export const defaults = {
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  dnsDomain: 'cluster.local',
  bindPort: 6443,
  renewBefore: '90d',
  drainTimeout: '5m',
} as const

/** The runtime whose releases hosts can download. */
export const releasedRuntime = 'containerd'

/** The pod network of a new cluster: it works whether or not the nodes are on one link. */
export const defaultNetwork = 'flannel'
