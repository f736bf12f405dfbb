import type { Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'
import type { Secrets } from '../../host/secrets.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import type { HostProxy } from '../../sources/proxy.js'

/** What must be there before anything is fetched by a host. */
export const proxyNeeds = ({ spec: { name } }: Machine): Need[] => [`${name}/@proxy`]

/** What must be there before a node downloads: the proxy, and, where it lacks them, the programs to download with. */
export const downloadNeeds = (machine: Machine): Need[] => [
  ...proxyNeeds(machine),
  ...(machine.facts.lacksForDownloads.length > 0 ? [`${machine.spec.name}/packages:node` as const] : []),
]

/** The inventory's proxy with its password. Throws UserError('connection') for a secret that cannot be had. */
export async function readProxy(spec: ClusterSpec, secrets: Secrets): Promise<HostProxy | undefined> {
  const { proxy: own } = spec.sources
  if (own === undefined) return undefined
  return {
    http: own.http,
    https: own.https,
    auth: own.auth && {
      username: own.auth.username,
      password: await secrets.resolve(own.auth.password),
    },
    noProxy: noProxyOf(spec),
  }
}

/**
 * What hosts reach without a proxy: themselves, hosts of the cluster that the inventory names as a mirror or registry,
 * the API, Pods and Services, and what the inventory adds. Of the other hosts none: what reads this fetches from
 * servers alone, and a list of all would restart every runtime for each host that is added.
 */
export function noProxyOf(spec: ClusterSpec): string[] {
  const { hosts, networking, endpoint } = spec
  const servers = serversOf(spec)
  const own = [
    'localhost',
    '127.0.0.1',
    '::1',
    ...hosts.flatMap(({ name, address }) => [name, address]).filter((one) => servers.has(one)),
    endpoint.host,
    spec.endpointAddress ?? '',
    spec.loadBalancer?.virtualIp ?? '',
    networking.podSubnet,
    networking.serviceSubnet,
    '.svc',
    `.${networking.dnsDomain}`,
    ...(spec.sources.proxy?.noProxy ?? []),
  ]
  return [...new Set(own.filter((one) => one !== ''))]
}

/** Names and addresses of the servers that the inventory has packages, programs and images from. */
function serversOf({ sources, registries, imageRepository }: ClusterSpec): Set<string> {
  const urls = [
    ...Object.values(sources.mirrors),
    ...registries.flatMap(({ name, mirrors }) => [`https://${name}`, ...mirrors]),
    `https://${imageRepository ?? ''}`,
  ]
  return new Set(
    urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')),
  )
}
