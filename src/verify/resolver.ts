import { canonicalAddress } from '../lib/cidr.js'

/** What resolv.conf(5) says, as far as names of Pods depend on it. */
export interface ResolvConf {
  nameservers: readonly string[]
  search: readonly string[]
  ndots: number
}

/** Reads a Pod's /etc/resolv.conf; of several search lines the last counts. Pure. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const of = (key: string): string[][] => lines.filter(([first]) => first === key).map(([, ...rest]) => rest)
  const options = of('options').flat()
  const ndots = options.findLast((option) => /^ndots:\d+$/.test(option))
  return {
    nameservers: of('nameserver').flatMap(([address]) => (address ? [address] : [])),
    search: of('search').at(-1) ?? [],
    ndots: ndots === undefined ? 1 : Number(ndots.slice('ndots:'.length)),
  }
}

/**
 * The names a resolver asks for in turn until one exists, without their last dot: by the search list first where a name
 * has fewer dots than ndots. The check does that itself, since busybox's nslookup leaves the list out in most versions.
 */
export function candidates(name: string, { search, ndots }: ResolvConf): string[] {
  const listed = search.map((domain) => `${name}.${domain}`)
  return name.split('.').length - 1 < ndots ? [...listed, name] : [name, ...listed]
}

export type Answer = { addresses: readonly string[] } | 'no such name' | { unclear: string }

/**
 * What busybox's nslookup printed: old versions number the addresses and put names behind them, newer ones ask for both
 * families and say of one that it has no answer. What stands before the first blank line is of the server. Pure.
 */
export function parseNslookup(text: string): Answer {
  const lines = text.replaceAll('\r', '').split('\n')
  const blank = lines.findIndex((line) => line.trim() === '')
  const addresses = lines
    .slice(blank + 1)
    .flatMap((line) => /^Address(?: \d+)?:\s*(\S+)/.exec(line)?.[1] ?? [])
  if (blank >= 0 && addresses.length > 0) return { addresses: [...new Set(addresses)] }
  if (/NXDOMAIN|Name does not resolve|Name or service not known/.test(text)) return 'no such name'
  return { unclear: text.trim().slice(0, 200) || 'nslookup printed nothing' }
}

export const isAnswer = (answer: Answer): answer is { addresses: readonly string[] } =>
  typeof answer === 'object' && 'addresses' in answer

/** The same addresses, whatever their order and spelling. */
export function sameAddresses(one: readonly string[], other: readonly string[]): boolean {
  const key = (list: readonly string[]): string => list.map(canonicalAddress).sort().join(' ')
  return key(one) === key(other)
}

/** What an answer means for a name of which the addresses are known. */
export interface Expected {
  /** The name asked for is in the cluster's own domain; of one in a domain of the node's search list nothing is known. */
  ours: boolean
  wanted: readonly string[]
  /** Some of the addresses are enough: not all of them fit into an answer. */
  part: boolean
}

/** Whether the name is found, or a resolver would ask for the next one of its list; else what is wrong. Pure. */
export function verdictOf(
  answer: Answer,
  { ours, wanted, part }: Expected,
): 'it is' | 'go on' | { wrong: string } {
  if (answer === 'no such name') return 'go on'
  if (!isAnswer(answer)) return ours ? { wrong: `has no answer: ${answer.unclear}` } : 'go on'
  const known = new Set(wanted.map(canonicalAddress))
  const all = part
    ? answer.addresses.every((one) => known.has(canonicalAddress(one)))
    : sameAddresses(answer.addresses, wanted)
  return all ? 'it is' : { wrong: `is ${answer.addresses.join(', ')}, not ${wanted.join(', ')}` }
}
