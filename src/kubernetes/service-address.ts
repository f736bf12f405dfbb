import { nthAddress } from '../lib/cidr.js'

/**
 * The nth address of a service subnet: 1 is the API server's, 10 is DNS's (kubeadm's constants).
 * @param subnet CIDR, or two of them with a comma (dual stack): the first one counts
 * @throws when the subnet is no CIDR or too small; inventory validation comes before
 */
export function serviceAddress(subnet: string, n: number): string {
  const [first = subnet] = subnet.split(',')
  return nthAddress(first.trim(), n)
}

/** "host:port", with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
