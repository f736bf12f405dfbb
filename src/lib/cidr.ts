import ipaddr from 'ipaddr.js'

export interface Cidr {
  /** As given. */
  text: string
  family: 'ipv4' | 'ipv6'
  /** First address as a number, and how many there are. */
  first: bigint
  size: bigint
  prefix: number
}

/** An IP address as a number with its family; undefined when it is none. Leading zeros are refused (they mean octal to some). */
export function parseAddress(text: string): { family: 'ipv4' | 'ipv6'; value: bigint } | undefined {
  if (
    /^[0-9.]+$/.test(text)
      ? !ipaddr.IPv4.isValidFourPartDecimal(text) || /(^|\.)0\d/.test(text)
      : !ipaddr.IPv6.isValid(text) || text.includes('%')
  )
    return undefined
  // ipaddr.js reads the IPv4-compatible "::1.2.3.4" as the IPv4-mapped "::ffff:1.2.3.4", which is another address
  const compatible = /^::(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (compatible !== undefined) {
    const embedded = parseAddress(compatible)
    return embedded && { family: 'ipv6', value: embedded.value }
  }
  const address = ipaddr.parse(text)
  const value = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return { family: address.kind(), value }
}

/**
 * Why an address cannot be that of one machine, in a word ("loopback"); undefined when it can. kubelets refuse
 * such as their node's (pkg/kubelet, validateNodeIP), and no other machine can dial them.
 */
export function unusableAddress(text: string): string | undefined {
  const address = parseAddress(text)
  if (!address) return undefined
  if (address.family === 'ipv6' && embedding(address.value) === '::') return 'IPv4-compatible'
  return unusable[ipaddr.parse(text).range()]
}

/** By ipaddr.js' names of ranges. */
const unusable: Readonly<Record<string, string>> = {
  loopback: 'loopback',
  unspecified: 'unspecified',
  broadcast: 'broadcast',
  multicast: 'multicast',
  linkLocal: 'link-local',
  ipv4Mapped: 'IPv4-mapped',
}

/**
 * One way to write an address (RFC 5952, as inet_ntop(3) prints it), so that texts are equal where addresses are;
 * anything else stays as it is.
 */
export function canonicalAddress(text: string): string {
  const address = parseAddress(text)
  return address ? formatAddress(address.family, address.value) : text
}

/** The same of a subnet, with its host bits as they are: "2001:DB8:0::/64" is "2001:db8::/64". */
export function canonicalCidr(text: string): string {
  const [address = '', prefix] = text.split('/')
  return parseCidr(text) ? `${canonicalAddress(address)}/${prefix}` : text
}

/** "10.96.0.0/12"; undefined when it is no CIDR. Host bits may be set: compare `first` of `networkOf`. */
export function parseCidr(text: string): Cidr | undefined {
  const [head = '', bits = '', ...rest] = text.split('/')
  const address = parseAddress(head)
  if (!address || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined
  const width = address.family === 'ipv4' ? 32 : 128
  const prefix = Number(bits)
  if (prefix > width) return undefined
  const size = 1n << BigInt(width - prefix)
  return { text, family: address.family, first: address.value - (address.value % size), size, prefix }
}

/** The network a CIDR names, host bits cleared: "10.96.0.1/12" is "10.96.0.0/12". */
export function networkOf(cidr: Cidr): string {
  return `${formatAddress(cidr.family, cidr.first)}/${cidr.prefix}`
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first < b.first + b.size && b.first < a.first + a.size
}

export function containsAddress(cidr: Cidr, address: string): boolean {
  const parsed = parseAddress(address)
  return parsed?.family === cidr.family && parsed.value >= cidr.first && parsed.value < cidr.first + cidr.size
}

/** The n-th address of a CIDR, counted from 0, which is the network itself: nth("10.96.0.0/12", 10) is "10.96.0.10". Throws when it has fewer. */
export function nthAddress(text: string, n: number): string {
  const cidr = parseCidr(text)
  if (!cidr || BigInt(n) >= cidr.size) throw new Error(`${text} has no address number ${n}`)
  return formatAddress(cidr.family, cidr.first + BigInt(n))
}

function formatAddress(family: 'ipv4' | 'ipv6', value: bigint): string {
  const length = family === 'ipv4' ? 4 : 16
  const bytes = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n))
  const embeds = family === 'ipv6' ? embedding(value) : undefined
  if (embeds !== undefined) return embeds + formatAddress('ipv4', value & 0xffffffffn)
  return ipaddr.fromByteArray(bytes).toString()
}

/** What inet_ntop(3) writes before the dotted IPv4 address of an IPv6 address that embeds one (RFC 4291, 2.5.5). */
function embedding(value: bigint): string | undefined {
  if (value >> 32n === 0xffffn) return '::ffff:'
  return value >> 32n === 0n && value > 0xffffn ? '::' : undefined
}
