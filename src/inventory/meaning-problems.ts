import { containsAddress, networkOf, overlaps, parseAddress, parseCidr } from '../lib/cidr.js'
import { nearest } from '../lib/nearest.js'
import type { Path } from '../lib/yaml-source.js'
import { balancerProblems } from './balancer-problems.js'
import { defaults } from './defaults.js'
import { parseEndpoint } from './endpoint.js'
import { etcdProblems } from './etcd-problems.js'
import { groupProblems } from './group-problems.js'
import type { Known } from './known.js'
import { isDnsName, labelKeyProblem, labelValueProblem, parseTaint } from './labels.js'
import { layersOf, mergeLayers, settingsOf } from './layers.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'
import { sshProblems } from './ssh-problems.js'
import { minorOf, parseVersion } from './version.js'

/** kubeadm: a service subnet holds at least 10 addresses and has at most 20 host bits. */
const serviceHostBits = { least: 4, most: 20 }
/** Each node gets a /24 (IPv4) of the pod subnet. */
const nodePrefix = { ipv4: 24, ipv6: 64 } as const

/** What a well-formed inventory may still get wrong. Takes any part that may be missing for what it is. */
export function meaningProblems(inventory: Inventory, known: Known): Found[] {
  return [
    ...versionProblems(inventory, known),
    ...networkProblems(inventory),
    ...endpointProblems(inventory),
    ...balancerProblems(inventory, known),
    ...etcdProblems(inventory),
    ...hostProblems(inventory),
    ...groupProblems(inventory),
    ...markProblems(inventory),
    ...argumentProblems(inventory),
    ...sshProblems(inventory),
  ]
}

function versionProblems({ kubernetes, runtime, network }: Inventory, known: Known): Found[] {
  const found: Found[] = []
  const path = ['kubernetes', 'version']
  const version = parseVersion(kubernetes.version)
  if (!version)
    found.push({
      path,
      what: `"${kubernetes.version}" is not a version`,
      write: 'three numbers, quoted: version: "1.20.2"',
    })
  else if (!known.minors.includes(minorOf(version)))
    found.push({
      path,
      what: `Kubernetes ${minorOf(version)} is not supported`,
      write: `supported: ${known.minors.join(', ')}`,
    })
  const choose = (key: 'runtime' | 'network', value: string | undefined, of: readonly string[]): void => {
    if (value === undefined || of.includes(value)) return
    const close = nearest(value, of)
    found.push({
      path: [key],
      what: `no ${key} is called ${value}`,
      write: `${close ? `did you mean ${close}? ` : ''}one of: ${of.join(', ')}`,
    })
  }
  choose('runtime', runtime, known.runtimes)
  choose('network', network, known.networks)
  const chosen = runtime ?? defaults.runtime
  const problem =
    version && known.minors.includes(minorOf(version)) && known.runtimes.includes(chosen)
      ? known.runtimeProblem(chosen, minorOf(version))
      : undefined
  if (problem)
    found.push({ path: runtime ? ['runtime'] : path, what: `runtime ${chosen} does not fit`, write: problem })
  return found
}

function networkProblems(inventory: Inventory): Found[] {
  const { networking, hosts, lab } = inventory
  const found: Found[] = []
  const subnet = (key: 'podSubnet' | 'serviceSubnet') => {
    const text = networking?.[key] ?? defaults[key]
    const path = ['networking', key]
    const cidr = parseCidr(text)
    if (!cidr)
      found.push({
        path,
        what: `"${text}" is not a subnet`,
        write: `address/prefix, such as ${defaults[key]}`,
      })
    else if (parseAddress(text.split('/')[0] ?? '')?.value !== cidr.first)
      found.push({ path, what: `${text} has host bits set`, write: `${key}: ${networkOf(cidr)}` })
    return cidr
  }
  const pods = subnet('podSubnet')
  const services = subnet('serviceSubnet')
  if (pods && services && overlaps(pods, services))
    found.push({
      path: ['networking', networking?.serviceSubnet ? 'serviceSubnet' : 'podSubnet'],
      what: `pod subnet ${pods.text} and service subnet ${services.text} overlap`,
      write: 'two subnets that share no address',
    })
  if (pods && services && pods.family !== services.family)
    found.push({
      path: ['networking', networking?.serviceSubnet ? 'serviceSubnet' : 'podSubnet'],
      what: `pod subnet ${pods.text} and service subnet ${services.text} are of different families`,
      write: 'both IPv4 or both IPv6',
    })
  if (services) {
    const bits = (services.family === 'ipv4' ? 32 : 128) - services.prefix
    if (bits < serviceHostBits.least || bits > serviceHostBits.most)
      found.push({
        path: ['networking', 'serviceSubnet'],
        what: `${services.text} is too ${bits < serviceHostBits.least ? 'small' : 'large'} a service subnet`,
        write: `between 16 and 2^20 addresses, such as ${defaults.serviceSubnet}`,
      })
  }
  const nodes = Object.keys(hosts).filter((name) => isNode(inventory, name)).length
  if (pods) {
    const blocks =
      pods.prefix > nodePrefix[pods.family] ? 0 : 2 ** Math.min(30, nodePrefix[pods.family] - pods.prefix)
    if (blocks < nodes)
      found.push({
        path: ['networking', 'podSubnet'],
        what: `${pods.text} has room for ${blocks} nodes (a /${nodePrefix[pods.family]} each), there are ${nodes}`,
        write: `a larger one, such as ${defaults.podSubnet}`,
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
          what: `${host.address} lies in the ${label} subnet ${cidr.text}`,
          write: `another ${label}Subnet (networking.${label}Subnet)`,
        })
  const domain = networking?.dnsDomain
  if (domain !== undefined && !isDnsName(domain))
    found.push({
      path: ['networking', 'dnsDomain'],
      what: `"${domain}" is not a DNS domain`,
      write: `such as ${defaults.dnsDomain}`,
    })
  if (lab && !parseCidr(lab.gateway))
    found.push({
      path: ['lab', 'gateway'],
      what: `"${lab.gateway}" is not an address with prefix`,
      write: 'such as 10.88.0.1/24',
    })
  return found
}

/** Roles that are not told yet, in a group that is not there, count as a node's. */
function isNode(inventory: Inventory, name: string): boolean {
  const { roles = ['worker'] } = mergeLayers(layersOf(inventory, name))
  return roles.some((role) => role !== 'load-balancer' && role !== 'etcd')
}

function endpointProblems({ kubernetes }: Inventory): Found[] {
  const text = kubernetes.controlPlaneEndpoint
  if (text === undefined || parseEndpoint(text)) return []
  return [
    {
      path: ['kubernetes', 'controlPlaneEndpoint'],
      what: `"${text}" is not host:port`,
      write: 'a DNS name or address and a port, such as api.example.com:6443',
    },
  ]
}

function hostProblems(inventory: Inventory): Found[] {
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

/** Labels and taints, wherever they stand. */
function markProblems(inventory: Inventory): Found[] {
  return settingsOf(inventory).flatMap(({ path, settings }) => [
    ...Object.entries(settings.labels ?? {}).flatMap(([key, value]): Found[] => {
      const problem = labelKeyProblem(key) ?? labelValueProblem(value)
      if (!problem) return []
      return [
        {
          path: [...path, 'labels', key],
          what: `label ${key}=${value}: ${problem}`,
          write: 'see "Labels and Selectors" in the Kubernetes documentation',
        },
      ]
    }),
    ...(settings.taints ?? []).flatMap((taint, i): Found[] =>
      parseTaint(taint)
        ? []
        : [
            {
              path: [...path, 'taints', i],
              what: `"${taint}" is not a taint`,
              write: 'key=value:Effect or key:Effect, Effect one of NoSchedule, PreferNoSchedule, NoExecute',
            },
          ],
    ),
  ])
}

function argumentProblems(inventory: Inventory): Found[] {
  const found: Found[] = []
  const look = (path: Path, args: Readonly<Record<string, string>> | undefined): void => {
    for (const key of Object.keys(args ?? {}))
      if (key.startsWith('-'))
        found.push({
          path: [...path, key],
          key: true,
          what: `${key} has dashes`,
          write: key.replace(/^-+/, ''),
        })
  }
  for (const component of ['apiServer', 'controllerManager', 'scheduler', 'etcd', 'kubelet'] as const)
    look([component, 'extraArgs'], inventory[component]?.extraArgs)
  for (const { path, settings } of settingsOf(inventory))
    look([...path, 'kubelet', 'extraArgs'], settings.kubelet?.extraArgs)
  const kinds = {
    kubelet: ['KubeletConfiguration', 'kubelet.config.k8s.io/'],
    kubeProxy: ['KubeProxyConfiguration', 'kubeproxy.config.k8s.io/'],
  } as const
  for (const [component, [kind, group]] of Object.entries(kinds)) {
    const config = component === 'kubelet' ? inventory.kubelet?.config : inventory.kubeProxy?.config
    if (config?.kind !== undefined && config.kind !== kind)
      found.push({
        path: [component, 'config', 'kind'],
        what: `kind is ${String(config.kind)}`,
        write: `leave it out, or kind: ${kind}`,
      })
    if (config?.apiVersion !== undefined && !String(config.apiVersion).startsWith(group))
      found.push({
        path: [component, 'config', 'apiVersion'],
        what: `apiVersion is ${String(config.apiVersion)}`,
        write: 'leave it out',
      })
  }
  for (const [i, san] of (inventory.apiServer?.certSANs ?? []).entries())
    if (!parseAddress(san) && !isDnsName(san.replace(/^\*\./, '')))
      found.push({
        path: ['apiServer', 'certSANs', i],
        what: `"${san}" is neither a DNS name nor an address`,
        write: 'such as api.example.com',
      })
  return found
}
