import { parseAddress } from '../lib/cidr.js'
import { defaults } from './defaults.js'
import { isDnsName } from './labels.js'
import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'

/** Names and addresses of hosts, and what there must be among them. */
export function hostProblems(inventory: Inventory): Found[] {
  const found: Found[] = []
  const entries = Object.entries(inventory.hosts)
  const controlPlanes = entries
    .map(([name]) => name)
    .filter((name) => mergeLayers(layersOf(inventory, name)).roles?.includes('control-plane'))
  if (entries.length === 0)
    found.push({
      path: ['hosts'],
      what: 'there are no hosts',
      write: 'at least one with roles: [control-plane]',
    })
  else if (controlPlanes.length === 0)
    found.push({
      path: ['hosts'],
      what: 'no host has the role control-plane',
      write: 'give it to one: roles: [control-plane]',
    })
  const [first = '', second] = controlPlanes
  const { kubernetes, apiServer, loadBalancer } = inventory
  // with a balancer the endpoint is asked for on its account
  if (second !== undefined && kubernetes.controlPlaneEndpoint === undefined && loadBalancer === undefined)
    found.push({
      path: ['hosts', second, 'roles'],
      what: `${second} is another control plane, and there is no endpoint at which all of them are asked`,
      write: `kubernetes: { controlPlaneEndpoint: a name and a port, such as api.example.com:6443 }; a cluster that has ${first} alone now keeps its certificates with ${endpointOf(inventory.hosts[first]?.address ?? '', apiServer?.bindPort)}`,
    })
  const names = new Map<string, string>()
  const addresses = new Map<string, string>()
  for (const [name, host] of entries) {
    const path = ['hosts', name]
    const lower = name.toLowerCase()
    if (!isDnsName(lower))
      found.push({
        path,
        key: true,
        what: `"${name}" cannot be a node name`,
        write: 'letters, digits, - and . only (RFC 1123), at most 253',
      })
    const twin = names.get(lower)
    if (twin)
      found.push({
        path,
        key: true,
        what: `${name} and ${twin} are the same node name`,
        write: 'names that differ in more than case',
      })
    names.set(lower, name)
    const address = parseAddress(host.address)
    if (!address)
      found.push({
        path: [...path, 'address'],
        what: `"${host.address}" is not an IP address`,
        write: 'such as 10.0.0.11 (names are not looked up)',
      })
    const spelled = address ? `${address.family} ${address.value}` : host.address
    const same = addresses.get(spelled)
    if (same)
      found.push({
        path: [...path, 'address'],
        what: `${name} and ${same} have the same address`,
        write: 'an address of its own for each',
      })
    addresses.set(spelled, name)
  }
  return found
}

/** What a single control plane is asked at when nothing else is said. */
function endpointOf(address: string, port: number = defaults.bindPort): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
