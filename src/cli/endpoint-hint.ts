import type { ClusterSpec } from '../inventory/spec.js'

/**
 * What a machine that is no node of the cluster needs in its /etc/hosts to know the endpoint's name: "10.0.0.11
 * api.lab". Undefined where the endpoint is an address, or the name is a balancer's of the user's and resolves without
 * our help.
 */
export function endpointLine({
  endpoint,
  endpointAddress,
  hosts,
  loadBalancer,
}: ClusterSpec): string | undefined {
  if (!endpoint.named) return undefined
  if (loadBalancer?.type === 'external' && !endpointAddress) return undefined
  // with a balancer on every node the name stands for the node itself: the first control plane has one too
  const onNodes = !endpointAddress || /^(127\.|::1$)/.test(endpointAddress)
  const address = onNodes
    ? hosts.find(({ roles }) => roles.includes('control-plane'))?.address
    : endpointAddress
  return address === undefined ? undefined : `${address} ${endpoint.host}`
}
