/** What an inventory that does not say otherwise means. */
export const defaults = {
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
  dnsDomain: 'cluster.local',
  bindPort: 6443,
  runtime: 'docker',
  network: 'bridge',
  renewBefore: '90d',
} as const
