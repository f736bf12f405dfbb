import { lookup } from 'node:dns/promises'
import { parseAddress } from '../lib/cidr.js'
import type { SshSpec } from './ssh-spec.js'

/**
 * The address that SSH dials, as this computer resolves it; undefined where it does not, or where another machine
 * (a bastion, a ProxyCommand) does.
 */
export async function resolveAddress({ host, via, proxyCommand }: SshSpec): Promise<string | undefined> {
  if (parseAddress(host)) return host
  if (via !== undefined || proxyCommand !== undefined) return undefined
  try {
    return (await lookup(host)).address
  } catch {
    // no such name, or no name server: either way no address is known here
    return undefined
  }
}
