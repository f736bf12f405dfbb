import { containsAddress, parseCidr } from '../../../lib/cidr.js'

/** Subnets by which what is the cluster's is told from what is somebody else's. */
export interface Subnets {
  podSubnet: string
  serviceSubnet: string
}

/** A virtual server of IPVS, as ipvsadm is given it: "-t 10.96.0.1:443". */
export interface VirtualServer {
  argument: string
  address: string
  /** Addresses it passes on to. */
  reals: readonly string[]
}

/**
 * Virtual servers of /proc/net/ip_vs (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show): addresses and ports are
 * hexadecimal. Those told by a firewall mark are left out: kube-proxy makes none. Pure.
 */
export function virtualServers(text: string): VirtualServer[] {
  const servers: VirtualServer[] = []
  let reals: string[] = []
  const options: Readonly<Record<string, string>> = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' }
  for (const line of text.split('\n')) {
    const [, kind = '', where = ''] = /^([A-Z]+|\s+->)\s+(\S+)/.exec(line) ?? []
    const one = placeOf(where)
    if (kind.trim() === '->') {
      if (one) reals.push(one.address)
      continue
    }
    reals = []
    const option = options[kind]
    if (!option || !one) continue
    const { address, port } = one
    const shown = address.includes(':') ? `[${address}]` : address
    servers.push({ argument: `${option} ${shown}:${port}`, address, reals })
  }
  return servers
}

/** "0A600001:01BB" or "[fd00:0000:…:0001]:01BB". */
function placeOf(text: string): { address: string; port: number } | undefined {
  const [, six, four = '', port = ''] = /^(?:\[([0-9a-f:]+)\]|([0-9A-F]{8})):([0-9A-F]{4})$/.exec(text) ?? []
  if (port === '') return undefined
  const dotted = (four.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.')
  return { address: six ?? dotted, port: Number.parseInt(port, 16) }
}

/**
 * Whether kube-proxy made it for this cluster: its address is one of the Services', or all that it passes on to are
 * Pods (a NodePort, an external address). Pure.
 */
export function isOfCluster(server: VirtualServer, { podSubnet, serviceSubnet }: Subnets): boolean {
  const within = (subnets: string, address: string): boolean =>
    subnets.split(',').some((subnet) => {
      const cidr = parseCidr(subnet.trim())
      return cidr !== undefined && containsAddress(cidr, address)
    })
  if (within(serviceSubnet, server.address)) return true
  return server.reals.length > 0 && server.reals.every((address) => within(podSubnet, address))
}

/** Sets that kube-proxy makes, by their exact names, of both families (pkg/proxy/ipvs/ipset.go). */
const sets =
  /^KUBE-(?:6-)?(?:LOOP-BACK|CLUSTER-IP|EXTERNAL-IP|EXTERNAL-IP-LOCAL|LOAD-BALANCER|LOAD-BALANCER-FW|LOAD-BALANCER-LOCAL|LOAD-BALANCER-SOURCE-IP|LOAD-BALANCER-SOURCE-CIDR|NODE-PORT-(?:LOCAL-)?(?:TCP|UDP|SCTP-HASH)|HEALTH-CHECK-NODE-PORT|IPVS-IPS|LOAD-BALANCER-LOCAL|NODE-PORT-LOCAL-SCTP-HASH)$/

export const isOwnSet = (name: string): boolean => sets.test(name)
