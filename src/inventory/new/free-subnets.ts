import { containsAddress, parseAddress, parseCidr } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import { defaults } from '../defaults.js'

/** The section networking. */
export interface Subnets {
  podSubnet: string
  serviceSubnet: string
}

const ipv6: Subnets = { podSubnet: 'fd00:10:244::/56', serviceSubnet: 'fd00:10:96::/112' }

/**
 * Subnets for Pods and Services in which no machine has an address; undefined when those are the defaults.
 * @param hosts addresses of the hosts, and the virtual IP
 * @param others further addresses of the machines
 * Throws UserError('usage') for hosts of two address families.
 */
export function freeSubnets(hosts: readonly string[], others: readonly string[]): Subnets | undefined {
  const families = new Set(hosts.map((address) => parseAddress(address)?.family))
  if (families.size > 1)
    throw new UserError('usage', `the hosts have addresses of both families: ${hosts.join(', ')}`, {
      next: 'use IPv4 addresses for all hosts, or IPv6 addresses for all',
    })
  if (families.has('ipv6')) return ipv6
  const { podSubnet, serviceSubnet } = defaults
  const isFree = (text: string): boolean => {
    const cidr = parseCidr(text)
    return cidr !== undefined && ![...hosts, ...others].some((address) => containsAddress(cidr, address))
  }
  const services = [serviceSubnet, ...blocks(31, 16, '172')].find(isFree)
  const pods = [podSubnet, ...blocks(243, 112, '10'), ...blocks(15, 0, '10')].find(isFree)
  // where every one is in somebody's network the decoder says which
  if (services === undefined || pods === undefined) return undefined
  if (services === serviceSubnet && pods === podSubnet) return undefined
  return { podSubnet: pods, serviceSubnet: services }
}

/** "172.31.0.0/16", "172.30.0.0/16" …: none overlaps the default of the other. */
function blocks(from: number, to: number, first: string): string[] {
  return Array.from({ length: from - to + 1 }, (_, i) => `${first}.${from - i}.0.0/16`)
}
