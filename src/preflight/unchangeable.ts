import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { versionProblem } from '../kubernetes/releases/version-change.js'
import { UserError } from '../lib/errors.js'
import { plainValue } from '../lib/plain-value.js'
import { readYaml } from '../lib/yaml-source.js'
import { type FixedField, isSame, type Told, wantedOf } from './told.js'

/** What a cluster says of itself, as far as it cannot be changed by writing files anew. */
export interface Living {
  /** ClusterConfiguration of the ConfigMap kubeadm-config, as YAML. */
  clusterConfiguration: string
  nodes: readonly LivingNode[]
}

export interface LivingNode {
  name: string
  address: string
  /** "docker://20.10.24"; '' while the node has not said. */
  runtime: string
  controlPlane: boolean
  /** Its kubelet reports that it is ready; absent: not known. */
  ready?: boolean
  /** The version of the kubelet that runs: "v1.35.6"; absent: not known. */
  kubelet?: string
}

/** One difference that `up` will not make. */
export interface Refusal {
  /** Dotted path in the inventory. */
  field: string
  is: string
  wanted: string
  /** What will do it, or that nothing does yet. */
  way: string
}

/** Whether nodes can leave one container runtime for another, by their ids. */
export type Leaves = (is: string, wanted: string) => boolean

const never: Leaves = () => false

const notYet = 'kubestrap does not support this change yet: restore the old value, or create a new cluster'

const ways: Partial<Record<FixedField, string>> = {
  'etcd.endpoints':
    "this is another etcd, without the cluster's data; its members can be replaced one after the other",
}

/**
 * What the inventory asks of a living cluster that cannot be reached by converging: a version that is no upgrade,
 * subnets, DNS domain, etcd's topology and data, a runtime that nodes cannot leave, and its nodes' names and roles. Pure.
 */
export function refusals(spec: ClusterSpec, living: Living, leaves: Leaves = never): Refusal[] {
  // of two at one address the first, as the inventory is read
  const byAddress = new Map(spec.hosts.toReversed().map((host) => [host.address, host]))
  const renamed = living.nodes.flatMap((node): Refusal[] => {
    const host = byAddress.get(node.address)
    return host && host.name !== node.name
      ? [
          {
            field: `hosts.${host.name}`,
            is: node.name,
            wanted: host.name,
            way: `a node cannot be renamed: use ${node.name}, or drain and delete the node first`,
          },
        ]
      : []
  })
  const byName = new Map(spec.hosts.map((host) => [host.name, host]))
  const placed = living.nodes.flatMap((node) => changedPlace(byName.get(node.name), node))
  return [...refusalsOf(spec, toldByApi(spec, living), leaves), ...renamed, ...placed]
}

/** What the API says of what cannot be changed. Pure. */
export function toldByApi(spec: ClusterSpec, { clusterConfiguration, nodes }: Living): Told[] {
  const config = record(readYaml(clusterConfiguration).value)
  const { podSubnet, serviceSubnet, dnsDomain } = record(config.networking)
  const { local, external } = record(config.etcd)
  const { endpoints } = record(external)
  const from = 'the cluster'
  const said: [field: FixedField, is: unknown][] = [
    ['kubernetes.version', config.kubernetesVersion],
    ['networking.podSubnet', podSubnet],
    ['networking.serviceSubnet', serviceSubnet],
    ['networking.dnsDomain', dnsDomain],
    ['etcd', external === undefined ? 'stacked' : 'external'],
    ['etcd.dataDir', record(local).dataDir],
    ['etcd.endpoints', Array.isArray(endpoints) ? endpoints.map(plainValue).join(', ') : undefined],
  ]
  const told = said.flatMap(([field, is]): Told[] =>
    is === undefined ? [] : [{ field, is: plainValue(is), from }],
  )
  const ours = new Set(spec.hosts.map(({ name }) => name))
  const runtimes = nodes.flatMap(({ name, runtime }): Told[] => {
    const [is = ''] = runtime.split('://')
    return ours.has(name) && is !== '' ? [{ field: 'runtime', is, from: `node ${name}` }] : []
  })
  return [...told, ...runtimes]
}

/** The differences among what a cluster or its files say, one for each field and value, with who says so. Pure. */
export function refusalsOf(spec: ClusterSpec, told: readonly Told[], leaves: Leaves = never): Refusal[] {
  const found = new Map<string, Refusal & { from: string[] }>()
  for (const { field, is, from } of told) {
    const wanted = wantedOf(spec, field)
    if (wanted === undefined || isSame(field, is, wanted)) continue
    const way = field === 'kubernetes.version' ? versionProblem(is, wanted) : (ways[field] ?? notYet)
    // an upgrade, or a runtime that is left
    if (way === undefined || (field === 'runtime' && leaves(is, wanted))) continue
    const key = `${field} ${is}`
    const known = found.get(key)
    if (known) known.from.push(from)
    else
      found.set(key, {
        field: field === 'etcd.endpoints' ? 'etcd' : field,
        is,
        wanted,
        way,
        from: [from],
      })
  }
  return [...found.values()].map(({ from, is, ...rest }) => ({
    ...rest,
    is:
      from[0] === 'the cluster'
        ? is
        : `${is} (${from[0]}${from.length > 1 ? ` and ${from.length - 1} more` : ''})`,
  }))
}

/** Fields of which one of the sources must tell before anything is changed on a living cluster. */
const needed: readonly FixedField[] = [
  'kubernetes.version',
  'networking.podSubnet',
  'networking.serviceSubnet',
  'networking.dnsDomain',
  'etcd',
  'runtime',
]

/**
 * Throws UserError('step') that names what neither the API nor any disk tells of a cluster that lives: unknown is no
 * permission.
 * @param living where a cluster has begun to live
 * @param silence why the API does not tell
 */
export function refuseUnknown(told: readonly Told[], living: readonly string[], silence: string): void {
  const unknown = needed.filter((field) => told.every((one) => one.field !== field))
  if (living.length === 0 || unknown.length === 0) return
  throw new UserError('step', `could not check whether the inventory changes ${unknown.join(', ')}`, {
    why: `${living.join(', ')} has a cluster; its API could not be read (${silence}), and no file on its nodes shows the value`,
    next: 'nothing was changed; start the API server, or restore /etc/kubernetes/manifests and /var/lib/kubelet from a backup',
  })
}

/**
 * A node that would change between worker and control plane, or a control plane that would change its address.
 * @param host of the inventory, of the node's name
 */
export function changedPlace(host: HostSpec | undefined, node: LivingNode): Refusal[] {
  if (!host) return []
  const role = (controlPlane: boolean): string => (controlPlane ? 'a control plane node' : 'a worker')
  const wanted = host.roles.includes('control-plane')
  if (!wanted && !host.roles.includes('worker'))
    return [
      {
        field: `hosts.${host.name}.roles`,
        is: role(node.controlPlane),
        wanted: 'not a node',
        way: `remove the host first (kubestrap reset ${host.name} with an inventory that still has its role)`,
      },
    ]
  if (wanted !== node.controlPlane)
    return [
      {
        field: `hosts.${host.name}.roles`,
        is: role(node.controlPlane),
        wanted: role(wanted),
        way: wanted
          ? `remove the node first (kubestrap reset ${host.name} with an inventory that still has its role), then run up, which adds it as a control plane node`
          : `run kubestrap reset ${host.name}, which drains the node, removes its etcd member if etcd keeps a quorum without it, and clears the host; then kubestrap up, which adds it as a worker`,
      },
    ]
  // etcd's members and the certificates know it by its address
  if (wanted && node.address !== '' && node.address !== host.address)
    return [{ field: `hosts.${host.name}.address`, is: node.address, wanted: host.address, way: notYet }]
  return []
}

/** What to say of each node of the cluster that the inventory does not have: `up` never touches it. */
export function strangers(spec: ClusterSpec, living: Living): string[] {
  const ours = new Set(spec.hosts.flatMap(({ name, address }) => [`name ${name}`, `address ${address}`]))
  return living.nodes
    .filter((node) => !ours.has(`name ${node.name}`) && !ours.has(`address ${node.address}`))
    .map(({ name, address, ready }) => {
      const what = `node ${name} (${address}) is in the cluster but not in the inventory: it is left alone`
      return ready !== false
        ? `${what}; to remove the node: kubestrap reset ${address || 'ADDRESS'}, which drains it first`
        : `${what}; it is not Ready: if its host answers, kubestrap reset ${address || 'ADDRESS'}; if it is lost, ${address === '' ? `kubectl delete node ${name}` : `kubestrap reset --gone ${address}`}`
    })
}

/** Throws UserError('inventory') that names every refusal with its place in the inventory; nothing when there is none. */
export function refuse(spec: ClusterSpec, found: readonly Refusal[]): void {
  if (found.length === 0) return
  throw new UserError(
    'inventory',
    `the inventory contains ${found.length === 1 ? 'a change' : `${found.length} changes`} that up does not make on an existing cluster`,
    {
      why: found
        .map(
          ({ field, is, wanted, way }) =>
            `${spec.at(field)}: ${field} is ${is} in the cluster, ${wanted} here\n  → ${way}`,
        )
        .join('\n'),
      next: 'nothing was changed',
    },
  )
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
