import { template } from '../../lib/templates.js'
import type { BalancerMachine, BalancerPeer, BalancerSettings } from '../balancer.js'

/** Seconds between advertisements; VRRPv3 allows hundredths. */
const advert = 0.2

/**
 * keepalived.conf of one balancer. Advertisements go to each peer by its own address: many networks (clouds,
 * some switches) carry no multicast, and no stranger with the same router id hears them. VRRPv3 has no
 * authentication (RFC 9568, section 9). A peer that falls silent is replaced after three advertisements and a
 * part of one that is the shorter the higher the own priority: under 0.8 s. A haproxy that ends, and that
 * systemd does not bring back meanwhile, costs two looks of a second.
 */
export function keepalivedConfig(
  machine: BalancerMachine,
  all: readonly BalancerPeer[],
  settings: BalancerSettings & { virtualIp: string },
): string {
  const { port, virtualIp, routerId } = settings
  const peers = all.filter(({ name }) => name !== machine.name)
  const unicast = [
    `    unicast_src_ip ${machine.address}`,
    '    unicast_peer {',
    ...peers.map(({ address }) => `        ${address}`),
    '    }',
    '',
  ]
  return template('keepalived/keepalived.conf', {
    name: machine.name,
    interface: machine.interface,
    // as /proc/net/tcp has it
    portHex: port.toString(16).toUpperCase().padStart(4, '0'),
    routerId: String(routerId),
    priority: String(priority(all.findIndex(({ name }) => name === machine.name))),
    advert: String(advert),
    unicast: peers.length === 0 ? '' : unicast.join('\n'),
    virtualIp: `${virtualIp}/${virtualIp.includes(':') ? 128 : 32}`,
  })
}

/**
 * By the place in the inventory, so that two that begin at once agree who has the address; far apart, so that
 * their patience (256 - priority)/256 of an advertisement differs. 1 to 254 are free to use; 255 is the owner's.
 */
function priority(index: number): number {
  return Math.max(10, 200 - 20 * index)
}
