import { canonicalAddress } from '../lib/cidr.js'
import type { Known } from './known.js'
import type { Inventory } from './schema/schema.js'
import type { HostSpec } from './spec.js'

/**
 * The endpoint's address as nodes see it, for its name in /etc/hosts. Without a balancer the first control plane.
 * @param endpoint as the inventory has it
 * @returns undefined where the name resolves without our help: in front of a balancer of the user's
 */
export function endpointAddress(
  endpoint: { host: string; named: boolean } | undefined,
  hosts: readonly HostSpec[],
  balancer: Inventory['loadBalancer'],
  { balancers }: Known,
): string | undefined {
  const first = (role: string): string =>
    hosts.find(({ roles }) => roles.some((one) => one === role))?.address ?? ''
  if (endpoint && !endpoint.named) return canonicalAddress(endpoint.host)
  if (balancer === undefined) return first('control-plane')
  if (balancer.virtualIP !== undefined) return canonicalAddress(balancer.virtualIP)
  switch (balancers.find(({ id }) => id === balancer.type)?.runsOn) {
    case 'load-balancer':
      return first('load-balancer')
    case 'node':
      return first('control-plane').includes(':') ? '::1' : '127.0.0.1'
    case 'nowhere':
      return undefined
    default:
      return first('control-plane')
  }
}
