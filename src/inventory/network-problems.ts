import {
  type Cidr,
  containsAddress,
  networkOf,
  overlaps,
  parseAddress,
  parseCidr,
  unusableAddress,
} from '../lib/cidr.js'
import { isDnsName, isLoopbackName } from '../lib/grammar/dns-name.js'
import { defaults } from './defaults.js'
import { parseEndpoint } from './endpoint.js'
import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** kubeadm: a service subnet holds at least 10 addresses and has at most 20 host bits. */
const serviceHostBits = { least: 4, most: 20 }
/** Each node gets a /24 (IPv4) of the pod subnet. */
const nodePrefix = { ipv4: 24, ipv6: 64 } as const

/** Addresses that the kernel routes nowhere, or to everybody. */
const special = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
].flatMap((text) => parseCidr(text) ?? [])

/** kubeadm's PodSubnetNodeMaskMaxDiff (constants.go). */
const maxBlockBits = 16

/** Subnets that are none, that overlap, or that are too small; the DNS domain; the endpoint's form. */
export function networkProblems(inventory: Inventory): Found[] {
  const { networking, hosts, lab } = inventory
  const found: Found[] = endpointProblems(inventory)
  const subnet = (key: 'podSubnet' | 'serviceSubnet') => {
    const text = networking?.[key] ?? defaults[key]
    const path = ['networking', key]
    const cidr = parseCidr(text)
    if (!cidr)
      found.push({
        path,
        what: `"${text}" is not a subnet`,
        write: `use address/prefix, such as ${defaults[key]}`,
      })
    else if (parseAddress(text.split('/')[0] ?? '')?.value !== cidr.first)
      found.push({ path, what: `${text} has host bits set`, write: `${key}: ${networkOf(cidr)}` })
    else if (special.some((range) => overlaps(cidr, range)))
      found.push({
        path,
        what: `${text} holds loopback, link-local or multicast addresses, which no pod or service can have`,
        write: `a private subnet, such as ${defaults[key]}`,
      })
    return cidr
  }
  const pods = subnet('podSubnet')
  const services = subnet('serviceSubnet')
  if (pods && services && overlaps(pods, services))
    found.push({
      path: ['networking', networking?.serviceSubnet ? 'serviceSubnet' : 'podSubnet'],
      what: `pod subnet ${pods.text} and service subnet ${services.text} overlap`,
      write: 'use two subnets that do not overlap',
    })
  if (pods && services && pods.family !== services.family)
    found.push({
      path: ['networking', networking?.serviceSubnet ? 'serviceSubnet' : 'podSubnet'],
      what: `pod subnet ${pods.text} and service subnet ${services.text} are of different address families`,
      write: 'use IPv4 for both, or IPv6 for both',
    })
  if (services) {
    const bits = (services.family === 'ipv4' ? 32 : 128) - services.prefix
    if (bits < serviceHostBits.least || bits > serviceHostBits.most)
      found.push({
        path: ['networking', 'serviceSubnet'],
        what: `${services.text} is too ${bits < serviceHostBits.least ? 'small' : 'large'} for a service subnet`,
        write: `use a subnet of 16 to 2^20 addresses, such as ${defaults.serviceSubnet}`,
      })
  }
  const nodes = Object.keys(hosts).filter((name) => isNode(inventory, name)).length
  if (pods) {
    const blocks =
      pods.prefix > nodePrefix[pods.family] ? 0 : 2 ** Math.min(30, nodePrefix[pods.family] - pods.prefix)
    if (nodePrefix[pods.family] - pods.prefix > maxBlockBits)
      found.push({
        path: ['networking', 'podSubnet'],
        what: `${pods.text} is too large a pod subnet: the controller manager divides it into /${nodePrefix[pods.family]} blocks, at most 2^${maxBlockBits}`,
        write: `a prefix from /${nodePrefix[pods.family] - maxBlockBits} on, such as ${defaults.podSubnet}`,
      })
    if (blocks < nodes)
      found.push({
        path: ['networking', 'podSubnet'],
        what: `${pods.text} has room for ${blocks} nodes (a /${nodePrefix[pods.family]} each), there are ${nodes}`,
        write: largerSubnet(pods, nodes, (wide) =>
          services === undefined || !overlaps(wide, services)
            ? Object.values(hosts).every(({ address }) => !containsAddress(wide, address))
            : false,
        ),
      })
  }
  for (const [name, host] of Object.entries(hosts))
    for (const [label, cidr] of [
      ['pod', pods],
      ['service', services],
    ] as const)
      if (cidr && containsAddress(cidr, host.address))
        found.push({
          path: ['hosts', name, 'address'],
          what: `${host.address} is in the ${label} subnet ${cidr.text}`,
          write: `use another networking.${label}Subnet`,
        })
  const domain = networking?.dnsDomain
  if (domain !== undefined && !isDnsName(domain))
    found.push({
      path: ['networking', 'dnsDomain'],
      what: `"${domain}" is not a DNS domain`,
      write: `use a domain such as ${defaults.dnsDomain}`,
    })
  return [...found, ...(lab ? labProblems(lab.gateway, hosts) : [])]
}

/** What to write for a pod subnet that has room for so many nodes: the same, widened, where that collides with nothing. */
function largerSubnet(pods: Cidr, nodes: number, isFree: (wide: Cidr) => boolean): string {
  const prefix = nodePrefix[pods.family] - Math.ceil(Math.log2(nodes))
  const wide = parseCidr(`${pods.text.split('/')[0]}/${prefix}`)
  const example = wide && isFree(wide) ? `, such as ${networkOf(wide)}` : ''
  return `use a larger subnet, with a prefix of at most /${prefix}${example}`
}

/** Machines of a lab are on its bridge. */
function labProblems(gateway: string, hosts: Inventory['hosts']): Found[] {
  const link = parseCidr(gateway)
  const path = ['lab', 'gateway']
  if (!link)
    return [
      {
        path,
        what: `"${gateway}" is not an address with prefix`,
        write: 'use an address with prefix, such as 10.88.0.1/24',
      },
    ]
  const [own = ''] = gateway.split('/')
  const value = parseAddress(own)?.value
  if (link.family !== 'ipv4' || value === link.first || value === link.first + link.size - 1n)
    return [
      {
        path,
        what: `${gateway} is not the address of a machine in an IPv4 network`,
        write: `an address between the first and the last, such as 10.88.0.1/24`,
      },
    ]
  return Object.entries(hosts).flatMap(([name, { address }]): Found[] => {
    const parsed = parseAddress(address)
    // what is no address is told as such
    if (!parsed || (containsAddress(link, address) && parsed.value !== value)) return []
    return [
      {
        path: ['hosts', name, 'address'],
        what:
          parsed.value === value
            ? `${address} is the address of the lab's bridge`
            : `${address} is not in the lab's network ${networkOf(link)}`,
        write: `an address in ${networkOf(link)} other than ${own}, or another lab.gateway`,
      },
    ]
  })
}

/** Roles that are not told yet, in a group that is not there, count as a node's. */
function isNode(inventory: Inventory, name: string): boolean {
  const { roles = ['worker'] } = mergeLayers(layersOf(inventory, name))
  return roles.some((role) => role !== 'load-balancer' && role !== 'etcd')
}

function endpointProblems({ kubernetes }: Inventory): Found[] {
  const text = kubernetes.controlPlaneEndpoint
  if (text === undefined) return []
  const path = ['kubernetes', 'controlPlaneEndpoint']
  const endpoint = parseEndpoint(text)
  if (!endpoint)
    return [
      {
        path,
        what: `"${text}" is not host:port`,
        write: 'use a DNS name or IP address and a port, such as api.example.com:6443',
      },
    ]
  const unusable = endpoint.named
    ? isLoopbackName(endpoint.host)
      ? 'loopback'
      : undefined
    : unusableAddress(endpoint.host)
  // an address of a link may be a virtual IP
  if (unusable === undefined || unusable === 'link-local') return []
  return [
    {
      path,
      what:
        unusable === 'loopback'
          ? `${endpoint.host} is each machine itself, and the endpoint is where all of them ask for the API`
          : `${endpoint.host} is an ${unusable} address, and nothing can be asked there`,
      write: 'a DNS name or address that every node reaches, such as api.example.com:6443',
    },
  ]
}
