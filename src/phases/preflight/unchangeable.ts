import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { readYaml } from '../../lib/yaml-source.js'

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

const notYet = 'kubestrap cannot do that yet: write the old value back, or make a new cluster'

/**
 * What the inventory asks of a living cluster that cannot be reached by converging: its version,
 * subnets, DNS domain, etcd's topology and data, runtime, and its nodes' names and roles. Pure.
 */
export function refusals(spec: ClusterSpec, living: Living): Refusal[] {
  const config = record(readYaml(living.clusterConfiguration).value)
  const networking = record(config.networking)
  const etcd = 'external' in record(config.etcd) ? 'external' : 'stacked'
  const pairs: [field: string, is: unknown, wanted: string, way: string][] = [
    [
      'kubernetes.version',
      config.kubernetesVersion,
      `v${spec.version}`,
      'kubestrap has no upgrade yet; kubeadm upgrade works on this cluster',
    ],
    ['networking.podSubnet', networking.podSubnet, spec.networking.podSubnet, notYet],
    ['networking.serviceSubnet', networking.serviceSubnet, spec.networking.serviceSubnet, notYet],
    ['networking.dnsDomain', networking.dnsDomain, spec.networking.dnsDomain, notYet],
    ['etcd', etcd, spec.etcd.external ? 'external' : 'stacked', notYet],
    ['etcd.dataDir', record(record(config.etcd).local).dataDir, spec.etcd.dataDir, notYet],
  ]
  const moved = otherEtcd(spec, record(record(config.etcd).external).endpoints)
  const changed = pairs.flatMap(([field, is, wanted, way]): Refusal[] =>
    is === undefined || is === wanted ? [] : [{ field, is: String(is), wanted, way }],
  )
  const renamed = living.nodes.flatMap((node): Refusal[] => {
    const host = spec.hosts.find(({ address }) => address === node.address)
    return host && host.name !== node.name
      ? [
          {
            field: `hosts.${host.name}`,
            is: node.name,
            wanted: host.name,
            way: `a node cannot be renamed: write ${node.name}, or drain and delete the node first`,
          },
        ]
      : []
  })
  const rerun = living.nodes.flatMap((node): Refusal[] => {
    const host = spec.hosts.find(({ name }) => name === node.name)
    const runtime = node.runtime.split('://')[0] ?? ''
    return host && runtime !== '' && runtime !== spec.runtime
      ? [{ field: 'runtime', is: `${runtime} (on ${node.name})`, wanted: spec.runtime, way: notYet }]
      : []
  })
  const placed = living.nodes.flatMap((node) => changedPlace(spec, node))
  return [...changed, ...moved, ...renamed, ...placed, ...rerun.slice(0, 1)]
}

/** An external etcd of which no endpoint stays is another one, with other data. */
function otherEtcd({ etcd: { external } }: ClusterSpec, endpoints: unknown): Refusal[] {
  if (!external || !Array.isArray(endpoints)) return []
  const now = endpoints.map(String)
  if (now.some((url) => external.endpoints.includes(url))) return []
  return [
    {
      field: 'etcd',
      is: now.join(', '),
      wanted: external.endpoints.join(', '),
      way: `this is another etcd, which has not the cluster's data; its members can be replaced one after the other`,
    },
  ]
}

/** A node that would change between worker and control plane, or a control plane that would change its address. */
function changedPlace(spec: ClusterSpec, node: LivingNode): Refusal[] {
  const host = spec.hosts.find(({ name }) => name === node.name)
  if (!host) return []
  const role = (controlPlane: boolean): string => (controlPlane ? 'a control plane' : 'a worker')
  const wanted = host.roles.includes('control-plane')
  if (!wanted && !host.roles.includes('worker'))
    return [
      {
        field: `hosts.${host.name}.roles`,
        is: role(node.controlPlane),
        wanted: 'no node',
        way: `take it out first (kubestrap reset ${host.name} with an inventory that still has its role)`,
      },
    ]
  if (wanted !== node.controlPlane)
    return [
      {
        field: `hosts.${host.name}.roles`,
        is: role(node.controlPlane),
        wanted: role(wanted),
        way: wanted
          ? `take it out first (kubestrap reset ${host.name} with an inventory that still has its role), then up adds it as a control plane`
          : notYet,
      },
    ]
  // etcd's members and the certificates know it by its address
  if (wanted && node.address !== '' && node.address !== host.address)
    return [{ field: `hosts.${host.name}.address`, is: node.address, wanted: host.address, way: notYet }]
  return []
}

/** What to say of each node of the cluster that the inventory does not have: `up` never touches it. */
export function strangers(spec: ClusterSpec, living: Living): string[] {
  return living.nodes
    .filter((node) => !spec.hosts.some(({ name, address }) => name === node.name || address === node.address))
    .map(
      ({ name, address }) =>
        `node ${name} (${address}) is in the cluster but not in the inventory: it is left alone; to take it out of the cluster put it back into the inventory, kubectl drain ${name} --ignore-daemonsets, kubestrap reset ${name}, and only then take it out of the inventory`,
    )
}

/** Throws UserError('inventory') that names every refusal with its place in the inventory; nothing when there is none. */
export function refuse(spec: ClusterSpec, found: readonly Refusal[]): void {
  if (found.length === 0) return
  throw new UserError(
    'inventory',
    `the inventory asks for ${found.length === 1 ? 'a change' : `${found.length} changes`} that up does not make on a living cluster`,
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
