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
 * Nodes' podCIDRs as other machines may route to them, by the names of the Nodes; of one that has none yet, nothing. A
 * kubelet can register its Node with any: routed to as it is, 0.0.0.0/0 or another machine's address would take that
 * traffic. Of those that overlap the oldest Node keeps its own.
 * @param nodes every Node the API has
 */
export function podCidrsOf(
  nodes: readonly unknown[],
  rule: PodCidrRule,
): ReadonlyMap<string, string | PodCidrRefusal> {
  const found = new Map<string, string | PodCidrRefusal>()
  const shares: Share[] = []
  for (const [age, node] of [...nodes].sort(byAge).entries()) {
    const text = textAt(node, 'spec', 'podCIDR')
    if (text === '') continue
    const cidr = decode(text, rule)
    if ('what' in cidr) found.set(nameOf(node), cidr)
    else shares.push({ name: nameOf(node), cidr, age, oldest: age, around: Number.POSITIVE_INFINITY })
  }
  const byAgeOf = new Map(shares.map((share) => [share.age, share]))
  nest(shares)
  for (const { name, cidr, age, oldest, around } of shares) {
    const first = byAgeOf.get(Math.min(oldest, around))
    found.set(
      name,
      first === undefined || first.age >= age
        ? cidr.text
        : { what: `it overlaps ${first.cidr.text} of node ${first.name}, which is older` },
    )
  }
  return found
}

interface Share {
  name: string
  cidr: Cidr
  /** 0 is the oldest. */
  age: number
  /** The least age of this one and those that lie in it. */
  oldest: number
  /** The least age of those it lies in. */
  around: number
}

/** Fills in how shares lie in each other: of two CIDRs one is in the other, or they have nothing in common. */
function nest(shares: readonly Share[]): void {
  const sorted = [...shares].sort((a, b) =>
    a.cidr.first === b.cidr.first ? a.cidr.prefix - b.cidr.prefix : a.cidr.first < b.cidr.first ? -1 : 1,
  )
  const open: Share[] = []
  const close = (): void => {
    const inner = open.pop()
    const outer = open.at(-1)
    if (inner && outer) outer.oldest = Math.min(outer.oldest, inner.oldest)
  }
  for (const share of sorted) {
    for (let last = open.at(-1); last && !overlaps(last.cidr, share.cidr); last = open.at(-1)) close()
    const outer = open.at(-1)
    if (outer) share.around = Math.min(outer.around, outer.age)
    open.push(share)
  }
  while (open.length > 0) close()
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
function byAge(a: unknown, b: unknown): number {
  const [ofA, ofB] = [a, b].map((one) => {
    const at = Date.parse(textAt(one, 'metadata', 'creationTimestamp'))
    return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at
  }) as [number, number]
  if (ofA !== ofB) return ofA < ofB ? -1 : 1
  return nameOf(a) < nameOf(b) ? -1 : 1
}
