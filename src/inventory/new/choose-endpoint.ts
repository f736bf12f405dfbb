import { canonicalAddress, parseAddress } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import { visibleLine } from '../../lib/visible.js'
import { defaults } from '../defaults.js'
import { parseEndpoint } from '../endpoint.js'
import type { Role } from '../spec.js'

/** Where clients reach the API, as the inventory has it. */
export interface EndpointChoice {
  /** controlPlaneEndpoint; undefined: the first control plane node. */
  endpoint: string | undefined
  loadBalancer: { type: 'haproxy' | 'node-local' | 'external'; virtualIP?: string } | undefined
  /** What that means, for people: sentences without a full stop. */
  notes: readonly string[]
}

interface Wanted {
  hosts: readonly { name: string; address: string; roles: readonly Role[] }[]
  /** HOST[:PORT] */
  endpoint: string | undefined
  virtualIp: string | undefined
}

/** Of a zone that no registry gives away (ICANN, 2024): known to the nodes by their /etc/hosts. */
const ownName = 'api.kubernetes.internal'

/** A load balancer's port where an API server has its own on the same host. */
const besidePort = 8443

/**
 * The endpoint of these hosts. Throws UserError('usage') for one that cannot be.
 */
export function chooseEndpoint(wanted: Wanted): EndpointChoice {
  const withRole = (role: Role) => wanted.hosts.filter(({ roles }) => roles.includes(role))
  const planes = withRole('control-plane')
  const balancers = withRole('load-balancer')
  if (balancers.length > 0) return behindHaproxy(wanted, planes, balancers)
  if (wanted.virtualIp !== undefined)
    throw new UserError('usage', '--virtual-ip requires hosts that the address moves between', {
      next: 'add --load-balancer HOST, or name your own load balancer with --endpoint',
    })
  if (wanted.endpoint !== undefined) return given(wanted.endpoint, wanted, planes)
  const [first] = planes
  if (planes.length < 2 || first === undefined)
    return { endpoint: undefined, loadBalancer: undefined, notes: [] }
  return {
    endpoint: `${ownName}:${besidePort}`,
    loadBalancer: { type: 'node-local' },
    notes: [
      `the endpoint is ${ownName}:${besidePort}: haproxy on each node forwards it to every control plane node`,
      `outside the nodes the name resolves only where your DNS or /etc/hosts has it (${planes.map(({ address }) => address).join(', ')}); kubestrap kubeconfig --server ${hostPort(first.address, defaults.bindPort)} needs no name`,
    ],
  }
}

type Hosts = Wanted['hosts']

function behindHaproxy(wanted: Wanted, planes: Hosts, balancers: Hosts): EndpointChoice {
  const beside = balancers.some(({ roles }) => roles.includes('control-plane'))
  const port = beside ? besidePort : defaults.bindPort
  const parsed = wanted.endpoint === undefined ? undefined : parseGiven(wanted.endpoint, port)
  const isBalancers = (host: string): boolean => balancers.some(({ address }) => address === host)
  const [first] = balancers
  // an address that is no load balancer's own moves between them
  const virtualIp =
    wanted.virtualIp ?? (parsed && !parsed.named && !isBalancers(parsed.host) ? parsed.host : undefined)
  const host =
    parsed?.host ?? virtualIp ?? (balancers.length > 1 || first === undefined ? ownName : first.address)
  const endpoint = hostPort(host, parsed?.port ?? port)
  const alone =
    virtualIp === undefined
      ? [
          `${first?.name} alone receives the requests to ${endpoint}: if it fails, the API cannot be reached${balancers.length > 1 ? `; ${names(balancers.slice(1))} would take over with a virtual IP (--virtual-ip, or loadBalancer.virtualIP)` : ''}`,
        ]
      : []
  const named = parseAddress(host)
    ? []
    : [
        `on the nodes ${host} resolves to ${virtualIp ?? first?.address} (/etc/hosts); elsewhere add it to your DNS`,
      ]
  return {
    endpoint,
    loadBalancer: { type: 'haproxy', ...(virtualIp === undefined ? {} : { virtualIP: virtualIp }) },
    notes: [
      `the endpoint is ${endpoint}: haproxy on ${names(balancers)} forwards it to ${names(planes)}`,
      ...alone,
      ...named,
    ],
  }
}

/** An endpoint without hosts for a load balancer. */
function given(text: string, { hosts }: Wanted, planes: Hosts): EndpointChoice {
  const { host, port, named } = parseGiven(text, defaults.bindPort)
  const endpoint = hostPort(host, port)
  const [first] = planes
  const owner = hosts.find(({ address }) => address === host)
  if (owner && !owner.roles.includes('control-plane'))
    throw new UserError('usage', `--endpoint ${endpoint} is ${owner.name}, which is no control plane node`, {
      next: 'use the address of a control plane node or of your own load balancer, or a name',
    })
  if (owner)
    return {
      endpoint,
      loadBalancer: undefined,
      notes:
        planes.length > 1
          ? [
              `the endpoint is ${endpoint}, which is ${owner.name} alone: if it fails, the API cannot be reached`,
            ]
          : [],
    }
  if (named && planes.length < 2)
    return {
      endpoint,
      loadBalancer: undefined,
      notes: [
        `on the nodes ${host} resolves to ${first?.name} (/etc/hosts); elsewhere add it to your DNS: ${first?.address}`,
      ],
    }
  return {
    endpoint,
    loadBalancer: { type: 'external' },
    notes: [
      `the endpoint is ${endpoint}: your own load balancer, which must forward it to ${planes.map(({ address }) => hostPort(address, defaults.bindPort)).join(', ')}${named ? '; the name must resolve on every node' : ''}`,
    ],
  }
}

/** --endpoint as it was given, its port filled in. */
function parseGiven(text: string, port: number): { host: string; port: number; named: boolean } {
  const lower = text.toLowerCase()
  const whole = parseAddress(lower)?.family === 'ipv6' ? `[${lower}]` : lower
  const parsed = parseEndpoint(whole) ?? parseEndpoint(`${whole}:${port}`)
  if (parsed) return { ...parsed, host: canonicalAddress(parsed.host) }
  throw new UserError('usage', `--endpoint ${visibleLine(text)} is not HOST[:PORT]`, {
    next: 'use a DNS name or an IP address, such as api.example.com:6443',
  })
}

const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const names = (hosts: Hosts): string => hosts.map(({ name }) => name).join(', ')
