import { lookup } from 'node:dns/promises'
import type { ClusterSpec } from '../inventory/spec.js'
import { hostPort } from '../kubernetes/service-address.js'
import { within } from '../lib/within.js'

/** A resolver that does not answer holds up nothing: the name is then as good as unknown. */
const patienceMs = 2_000

/**
 * What a machine that is no node of the cluster needs in its /etc/hosts to know the endpoint's name: "10.0.0.11
 * api.lab". Undefined where the endpoint is an address, or the name is a balancer's of the user's and resolves without
 * our help.
 */
export function endpointLine(spec: ClusterSpec): string | undefined {
  const found = behindName(spec)
  return found && `${found.address} ${spec.endpoint.host}`
}

/**
 * Another way to the API from this computer, for --server, where the endpoint's name is not known here: an API server where
 * a balancer on each node answers, else what the name stands for. Undefined where the endpoint itself is known.
 * @param isKnown whether a name resolves here
 */
export async function serverFromHere(
  spec: ClusterSpec,
  isKnown: (name: string) => Promise<boolean> = resolvesHere,
): Promise<string | undefined> {
  const found = behindName(spec)
  if (found === undefined || (await isKnown(spec.endpoint.host))) return undefined
  return hostPort(found.address, found.isNode ? spec.apiServer.bindPort : spec.endpoint.port)
}

/** Whether a name resolves on this computer. */
export const resolvesHere = (name: string): Promise<boolean> =>
  within(patienceMs, lookup(name)).then(
    () => true,
    () => false,
  )

/** What the endpoint's name stands for, seen from outside of the nodes; undefined as for `endpointLine`. */
function behindName({
  endpoint,
  endpointAddress,
  hosts,
  loadBalancer,
}: ClusterSpec): { address: string; isNode: boolean } | undefined {
  if (!endpoint.named) return undefined
  if (loadBalancer?.type === 'external' && !endpointAddress) return undefined
  // with a balancer on every node the name stands for the node itself: the first control plane has one too
  const isNode = !endpointAddress || /^(127\.|::1$)/.test(endpointAddress)
  const address = isNode
    ? hosts.find(({ roles }) => roles.includes('control-plane'))?.address
    : endpointAddress
  return address === undefined ? undefined : { address, isNode }
}
