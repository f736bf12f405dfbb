import { parseAddress, unusableAddress } from '../lib/cidr.js'
import { isDnsName, isLoopbackName } from '../lib/grammar/dns-name.js'
import { nearest } from '../lib/nearest.js'
import { defaults } from './defaults.js'
import { layersOf, mergeLayers } from './layers.js'
import type { Inventory } from './schema/schema.js'
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
      what: 'hosts is empty',
      write: 'add at least one host with roles: [control-plane]',
    })
  else if (controlPlanes.length === 0)
    found.push({
      path: ['hosts'],
      what: 'no host has the role control-plane',
      write: 'give a host the role: roles: [control-plane]',
    })
  const [first = '', second] = controlPlanes
  const { kubernetes, apiServer, loadBalancer } = inventory
  // with a balancer the endpoint is asked for on its account
  if (second !== undefined && kubernetes.controlPlaneEndpoint === undefined && loadBalancer === undefined)
    found.push({
      path: ['hosts', second, 'roles'],
      what: `${second} is a second control plane node, and there is no endpoint in front of all control plane nodes`,
      write: `set kubernetes.controlPlaneEndpoint to a name and a port, such as api.example.com:6443; an existing cluster with ${first} alone keeps its certificates with ${endpointOf(inventory.hosts[first]?.address ?? '', apiServer?.bindPort)}`,
    })
  const known = entries.map(([name]) => name.toLowerCase())
  for (const name of Object.keys(inventory.lab?.suites ?? {}))
    if (!known.includes(name.toLowerCase())) {
      const close = nearest(name, known)
      found.push({
        path: ['lab', 'suites', name],
        key: true,
        what: `no host is called ${name}`,
        write: close ? `did you mean ${close}?` : `one of: ${known.join(', ')}`,
      })
    }
  const names = new Map<string, string>()
  const addresses = new Map<string, string>()
  for (const [name, host] of entries) {
    const path = ['hosts', name]
    const lower = name.toLowerCase()
    const wrong = nameProblem(lower)
    if (wrong)
      found.push({ path, key: true, what: `"${name}" cannot be a node name${wrong.why}`, write: wrong.write })
    const twin = names.get(lower)
    if (twin)
      found.push({
        path,
        key: true,
        what: `${name} and ${twin} are the same node name`,
        write: 'use names that differ in more than case',
      })
    names.set(lower, name)
    const address = parseAddress(host.address)
    if (!address)
      found.push({
        path: [...path, 'address'],
        what: `"${host.address}" is not an IP address`,
        write: 'use an address such as 10.0.0.11 (names are not resolved)',
      })
    const unusable = unusableAddress(host.address)
    if (unusable)
      found.push({
        path: [...path, 'address'],
        what: `${host.address} is ${article(unusable)} ${unusable} address, and no kubelet takes it for its node's`,
        write:
          unusable === 'IPv4-mapped'
            ? 'the IPv4 address itself: 10.0.0.11'
            : 'an address of the machine at which the other machines reach it, such as 10.0.0.11; where only SSH goes another way: ssh: { host: … }',
      })
    const spelled = address ? `${address.family} ${address.value}` : host.address
    const same = addresses.get(spelled)
    if (same)
      found.push({
        path: [...path, 'address'],
        what: `${name} and ${same} have the same address`,
        write: 'give each host its own address',
      })
    addresses.set(spelled, name)
  }
  return found
}

/** The longest name the kernel keeps is 64, the longest value of the label kubernetes.io/hostname 63. */
const longestName = 63

function nameProblem(name: string): { why: string; write: string } | undefined {
  if (!isDnsName(name))
    return { why: '', write: `letters, digits, - and . only (RFC 1123), at most ${longestName}` }
  if (name.length > longestName)
    return {
      why: `: it has ${name.length} characters, and the label kubernetes.io/hostname takes ${longestName}`,
      write: 'a shorter one',
    }
  if (isLoopbackName(name))
    return { why: ': on every machine it stands for the machine itself', write: 'a name of its own' }
  return undefined
}

const article = (word: string): string => (/^[aeiouI]/.test(word) ? 'an' : 'a')

/** What a single control plane is asked at when nothing else is said. */
function endpointOf(address: string, port: number = defaults.bindPort): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
