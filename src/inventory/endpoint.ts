import { parseAddress } from '../lib/cidr.js'
import { isDnsName } from '../lib/grammar/dns-name.js'

/** "host:port", the host an address (IPv6 in brackets) or a DNS name; undefined when it is neither. */
export function parseEndpoint(text: string): { host: string; port: number; named: boolean } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (!host || port < 1 || port > 65535) return undefined
  const address = parseAddress(host)
  if (!address && (!isDnsName(host) || /^[0-9.]+$/.test(host))) return undefined
  return { host, port, named: !address }
}
