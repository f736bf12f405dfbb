import type { ReachedHost } from '../ssh-spec.js'
import type { PeerAddress } from './transfers.js'

/**
 * How the hosts of an inventory reach each other, by name, without those that take no part. Their sshd listens at the
 * port that this computer dials where it dials the host's own address, or through a bastion; else the port may be that of
 * a forwarding, and 22 is tried.
 */
export function peerAddresses(hosts: readonly ReachedHost[]): Map<string, PeerAddress> {
  return new Map(
    hosts
      .filter(({ ssh }) => ssh.peerTransfer !== false)
      .map(({ name, address, ssh }) => {
        const own = ssh.host === address || ssh.via !== undefined
        return [name, { address, port: own ? ssh.port : 22, user: ssh.user }]
      }),
  )
}
