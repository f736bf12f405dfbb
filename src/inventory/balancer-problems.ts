import { containsAddress, parseAddress, parseCidr, unusableAddress } from '../lib/cidr.js'
import { nearest } from '../lib/nearest.js'
import type { Path } from '../lib/yaml-source.js'
import { defaults } from './defaults.js'
import { parseEndpoint } from './endpoint.js'
import type { Known, KnownBalancer } from './known.js'
import { layersOf, mergeLayers } from './layers.js'
import { nodePortOwner } from './node-ports.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

const endpointPath = ['kubernetes', 'controlPlaneEndpoint']

/** Hosts that have a role, by name and address. */
function withRole(inventory: Inventory, role: string): { name: string; address: string }[] {
  return Object.entries(inventory.hosts)
    .filter(([name]) => mergeLayers(layersOf(inventory, name)).roles?.some((one) => one === role))
    .map(([name, { address }]) => ({ name, address }))
}

/** What does not go together in loadBalancer, the role load-balancer and the endpoint. */
export function balancerProblems(inventory: Inventory, { balancers }: Known): Found[] {
  const { loadBalancer } = inventory
  if (loadBalancer === undefined)
    return strayRoles(
      inventory,
      `no load balancer is configured: set loadBalancer: { type: ${balancers[0]?.id ?? ''} }, or use another role`,
    )
  const kind = balancers.find(({ id }) => id === loadBalancer.type)
  if (!kind) {
    const ids = balancers.map(({ id }) => id)
    const close = nearest(loadBalancer.type, ids)
    return [
      {
        path: ['loadBalancer', 'type'],
        what: `unknown load balancer ${loadBalancer.type}`,
        write: `${close ? `did you mean ${close}? ` : ''}one of: ${ids.join(', ')}`,
      },
    ]
  }
  return [
    ...hostProblems(inventory, kind),
    ...virtualIpProblems(inventory, kind),
    ...keyProblems(inventory, kind),
    ...endpointProblems(inventory, kind),
  ]
}

function strayRoles(inventory: Inventory, write: string): Found[] {
  return withRole(inventory, 'load-balancer').map(({ name }) => ({
    path: ['hosts', name, 'roles'],
    what: `${name} has the role load-balancer, which has no effect`,
    write,
  }))
}

function hostProblems(inventory: Inventory, kind: KnownBalancer): Found[] {
  if (kind.runsOn !== 'load-balancer')
    return strayRoles(inventory, `remove the role: ${kind.id} needs no host with it`)
  if (withRole(inventory, 'load-balancer').length > 0) return []
  return [
    {
      path: ['loadBalancer', 'type'],
      what: `no host has the role load-balancer, which ${kind.id} requires`,
      write:
        'give the role to separate hosts, or to control plane nodes: roles: [control-plane, load-balancer]',
    },
  ]
}

function virtualIpProblems({ loadBalancer, hosts, networking }: Inventory, kind: KnownBalancer): Found[] {
  const path = ['loadBalancer', 'virtualIP']
  const text = loadBalancer?.virtualIP
  if (text === undefined)
    return kind.virtualIp === 'needed'
      ? [
          {
            path: ['loadBalancer'],
            key: true,
            what: `${kind.id} requires a virtualIP`,
            write: "set virtualIP to an unused address in the hosts' network",
          },
        ]
      : []
  if (kind.virtualIp === 'none')
    return [{ path, what: `${kind.id} does not use a virtual IP`, write: 'remove it, or use another type' }]
  const address = parseAddress(text)
  if (!address)
    return [{ path, what: `"${text}" is not an IP address`, write: 'use an address such as 10.0.0.10' }]
  const unusable = unusableAddress(text)
  if (unusable && unusable !== 'link-local')
    return [
      {
        path,
        what: `${text} is not an address that can move between hosts (${unusable})`,
        write: "use an unused address in the hosts' network",
      },
    ]
  const owner = Object.entries(hosts).find(([, host]) => {
    const other = parseAddress(host.address)
    return other?.family === address.family && other.value === address.value
  })
  if (owner && kind.runsOn !== 'nowhere')
    return [
      {
        path,
        what: `${text} is the address of ${owner[0]}, and a virtual IP moves between hosts`,
        write: "use an unused address in the hosts' network",
      },
    ]
  const stranger = Object.values(hosts).find(
    (host) => (parseAddress(host.address)?.family ?? address.family) !== address.family,
  )
  if (stranger && kind.runsOn !== 'nowhere')
    return [
      {
        path,
        what: `${text} and ${stranger.address} are of different address families`,
        write: "use an address in the hosts' network",
      },
    ]
  return (['podSubnet', 'serviceSubnet'] as const).flatMap((key): Found[] => {
    const cidr = parseCidr(networking?.[key] ?? defaults[key])
    return cidr && containsAddress(cidr, text)
      ? [
          {
            path,
            what: `${text} is in networking.${key} ${cidr.text}`,
            write: "use an address in the hosts' network",
          },
        ]
      : []
  })
}

function keyProblems({ loadBalancer }: Inventory, kind: KnownBalancer): Found[] {
  const found: Found[] = []
  for (const key of ['interface', 'routerId', 'image'] as const) {
    if (loadBalancer?.[key] === undefined) continue
    const path: Path = ['loadBalancer', key]
    if (!kind.keys.includes(key))
      found.push({ path, key: true, what: `${key} has no effect with ${kind.id}`, write: 'remove it' })
    else if (key !== 'image' && loadBalancer.virtualIP === undefined)
      found.push({
        path,
        key: true,
        what: `${key} applies to a virtual IP, and there is none`,
        write: 'set virtualIP too, or remove it',
      })
  }
  return found
}

function endpointProblems(inventory: Inventory, kind: KnownBalancer): Found[] {
  const { loadBalancer, apiServer } = inventory
  const text = inventory.kubernetes.controlPlaneEndpoint
  const virtualIp = loadBalancer?.virtualIP
  const bindPort = apiServer?.bindPort ?? defaults.bindPort
  if (text === undefined)
    return [
      {
        path: ['kubernetes'],
        key: true,
        what: 'a load balancer requires kubernetes.controlPlaneEndpoint',
        write: `set controlPlaneEndpoint to a name and a port, such as api.example.com:6443`,
      },
    ]
  const endpoint = parseEndpoint(text)
  if (!endpoint) return []
  const found: Found[] = []
  if (!endpoint.named) {
    if (kind.runsOn === 'node')
      found.push({
        path: endpointPath,
        what: `${endpoint.host} is an IP address, and with ${kind.id} each node uses a different one`,
        write: 'use a name, such as api.example.com:6443, which resolves to the node itself on each node',
      })
    else if (virtualIp !== undefined && !same(endpoint.host, virtualIp))
      found.push({
        path: endpointPath,
        what: `the endpoint is ${endpoint.host}, but the virtual IP ${virtualIp}`,
        write: `use ${virtualIp}:${endpoint.port}, or a name, which then resolves to the virtual IP`,
      })
    else if (
      virtualIp === undefined &&
      kind.runsOn === 'load-balancer' &&
      !withRole(inventory, 'load-balancer').some(({ address }) => same(address, endpoint.host))
    )
      found.push({
        path: endpointPath,
        what: `no host with the role load-balancer has the address ${endpoint.host}`,
        write: 'use the address of such a host, a name, or loadBalancer.virtualIP',
      })
  }
  if (kind.port === 'api-server' && endpoint.port !== bindPort)
    found.push({
      path: endpointPath,
      what: `the endpoint's port is ${endpoint.port}, but the API servers listen on the virtual IP of ${kind.id} at port ${bindPort}`,
      write: `use ${endpoint.host}:${bindPort}, or apiServer: { bindPort: ${endpoint.port} }`,
    })
  const beside = besides(inventory, kind)
  const onNodes = kind.runsOn === 'node' || beside.length > 0
  const owner = nodePortOwner(endpoint.port)
  if (kind.port === 'own' && owner !== undefined && (onNodes || endpoint.port === 22))
    found.push({
      path: endpointPath,
      what: `port ${endpoint.port}, where the balancer would listen, is ${owner} on its hosts`,
      write: `another port, such as ${endpoint.host}:${bindPort === 6443 ? 8443 : 6443}`,
    })
  if (kind.port === 'own' && endpoint.port === bindPort && beside.length > 0)
    found.push({
      path: apiServer?.bindPort === undefined ? endpointPath : ['apiServer', 'bindPort'],
      what: `on ${beside.join(', ')} the load balancer and the API server would both listen on port ${bindPort}`,
      write: `use another port for the API servers, such as apiServer: { bindPort: ${bindPort === 6443 ? 6444 : 6443} }, or another port in controlPlaneEndpoint`,
    })
  return found
}

/** Control planes that the balancer runs on as well. */
function besides(inventory: Inventory, { runsOn }: KnownBalancer): string[] {
  const planes = withRole(inventory, 'control-plane').map(({ name }) => name)
  if (runsOn === 'nowhere') return []
  if (runsOn !== 'load-balancer') return planes
  const balancers = withRole(inventory, 'load-balancer').map(({ name }) => name)
  return planes.filter((name) => balancers.includes(name))
}

function same(one: string, other: string): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)]
  return a !== undefined && a.family === b?.family && a.value === b.value
}
