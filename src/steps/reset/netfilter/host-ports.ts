import { containsAddress, parseCidr } from '../../../lib/cidr.js'
import type { NftTable } from './nft-tables.js'

/** The table that the portmap plug-in has with nftables; everybody who uses the plug-in shares it (portmap_nftables.go). */
export const hostPortTable = 'cni_hostport'

/** Its chains; those with a rule for each container. */
const chains = ['prerouting', 'output', 'hostports', 'hostip_hostports', 'hostports_all', 'masquerading']
const perContainer = ['hostports', 'hostip_hostports', 'hostports_all', 'masquerading']

/**
 * Commands of nft that delete what host ports of this cluster's Pods left: rules that lead to the pod subnet. With the last rule
 * of all containers the table goes, as the plug-in makes it anew; what others have there stays, and is named.
 */
export function hostPortDeletions(
  { family, name, chains: there, rules }: NftTable,
  podSubnet: string | undefined,
): { commands: string[]; left: string[] } {
  const subnet = podSubnet === undefined ? undefined : parseCidr(podSubnet)
  const all = rules.filter(({ chain }) => perContainer.includes(chain))
  const own = all.filter(({ body }) => {
    const address = podOf(body)
    return subnet !== undefined && address !== undefined && containsAddress(subnet, address)
  })
  if (own.length === all.length && there.every((chain) => chains.includes(chain)))
    return { commands: [`delete table ${family} ${name}`], left: [] }
  return {
    commands: own.map(({ chain, handle }) => `delete rule ${family} ${name} ${chain} handle ${handle}`),
    left: [`table ${family} ${name} (nft): host ports of other containers`],
  }
}

/** The address of the container that a rule is for. */
function podOf(body: string): string | undefined {
  const plain = body.replace(/"[^"]*"/g, '""')
  const [, bracketed, dotted] = /\bdnat to (?:\[([^\]]+)\]|([0-9.]+)):\d+/.exec(plain) ?? []
  return bracketed ?? dotted ?? /\bip6? daddr (\S+) masquerade\b/.exec(plain)?.[1]
}
