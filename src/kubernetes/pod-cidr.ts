import { type Cidr, networkOf, overlaps, parseCidr } from '../lib/cidr.js'
import { nameOf, textAt } from './read.js'

/** What a node's share of the pod subnet must be. */
export interface PodCidrRule {
  podSubnet: string
  /** Bits of each node's prefix; undefined: whoever allocates the shares decides. */
  prefix: number | undefined
}

/**
 * The rule by the controller manager's flags: --node-cidr-mask-size, or the one of the family, or its defaults (24 and
 * 64: kube-controller-manager, nodeipamcontroller options). With --allocate-node-cidrs=false another allocates.
 */
export function podCidrRule(podSubnet: string, flags: Readonly<Record<string, string>>): PodCidrRule {
  if (flags['allocate-node-cidrs'] === 'false') return { podSubnet, prefix: undefined }
  const v6 = parseCidr(podSubnet)?.family === 'ipv6'
  const given = Number(flags[`node-cidr-mask-size-${v6 ? 'ipv6' : 'ipv4'}`] ?? flags['node-cidr-mask-size'])
  return { podSubnet, prefix: Number.isInteger(given) && given > 0 ? given : v6 ? 64 : 24 }
}

/** Why a node's podCIDR is not used: what is wrong with it. */
export interface PodCidrRefusal {
  what: string
}

/**
 * A Node's podCIDR as other machines may route to it. A kubelet can register its Node with any: routed to as it is,
 * 0.0.0.0/0 or another machine's address would take that traffic. Of two that overlap the older Node keeps its own.
 * @param nodes every Node the API has
 * @returns undefined while the Node has none
 */
export function podCidrOf(
  node: unknown,
  nodes: readonly unknown[],
  rule: PodCidrRule,
): string | PodCidrRefusal | undefined {
  const text = textAt(node, 'spec', 'podCIDR')
  if (text === '') return undefined
  const own = decode(text, rule)
  if ('what' in own) return own
  const taken = nodes.find((other) => {
    if (nameOf(other) === nameOf(node) || !isOlder(other, node)) return false
    const its = decode(textAt(other, 'spec', 'podCIDR'), rule)
    return !('what' in its) && overlaps(its, own)
  })
  if (taken === undefined) return text
  return { what: `it overlaps ${textAt(taken, 'spec', 'podCIDR')} of node ${nameOf(taken)}, which is older` }
}

function decode(text: string, { podSubnet, prefix }: PodCidrRule): Cidr | PodCidrRefusal {
  const cidr = parseCidr(text)
  const subnet = parseCidr(podSubnet)
  if (!cidr || networkOf(cidr) !== text) return { what: 'it is not a CIDR in canonical form' }
  const inside =
    subnet &&
    overlaps(subnet, cidr) &&
    cidr.first >= subnet.first &&
    cidr.first + cidr.size <= subnet.first + subnet.size
  if (!inside) return { what: `it does not lie in networking.podSubnet ${podSubnet}` }
  if (prefix !== undefined && cidr.prefix !== prefix)
    return { what: `each node has a /${prefix} of ${podSubnet}` }
  return cidr
}

/** By creation, then by name: the same order wherever it is asked. A time that cannot be read is younger than any. */
function isOlder(a: unknown, b: unknown): boolean {
  const [ofA, ofB] = [a, b].map((one) => {
    const at = Date.parse(textAt(one, 'metadata', 'creationTimestamp'))
    return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at
  }) as [number, number]
  return ofA === ofB ? nameOf(a) < nameOf(b) : ofA < ofB
}
