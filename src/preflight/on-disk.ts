import { flagsOf, imageTagIn, manifestFiles } from '../cluster/static-pod-files.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { parsedYaml } from '../lib/parsed-yaml.js'
import { plainValue } from '../lib/plain-value.js'
import type { FixedField, Told } from './told.js'

export const kubeletFiles = {
  config: '/var/lib/kubelet/config.yaml',
  instance: '/var/lib/kubelet/instance-config.yaml',
  flags: '/var/lib/kubelet/kubeadm-flags.env',
} as const

/** What plug-ins are known by on a node's disk. */
export interface Signs {
  networks: readonly { id: string; signs: readonly string[] }[]
  runtimes: readonly { id: string; criSocket: string }[]
}

/** A node's files that were found, text by path. */
export type Found = ReadonlyMap<string, string>

/**
 * What the files of a node say of its cluster: the API server's and the controller manager's flags and images, the
 * kubelet's configuration, CNI configuration. Nothing of a file that is not there or not what kubeadm writes. A flag
 * that the inventory itself sets (extraArgs) says nothing of the cluster while it is set so. Pure.
 */
export function toldByFiles(
  spec: ClusterSpec,
  host: HostSpec,
  files: Found,
  { networks, runtimes }: Signs,
): Told[] {
  const told: Told[] = []
  const tell = (
    field: FixedField,
    is: string | undefined,
    path: string,
    instead?: unknown,
    wanted?: string,
  ): void => {
    if (is === undefined || is === '') return
    const own = instead !== undefined && is === plainValue(instead) && wanted !== undefined
    told.push({ field, is: own ? wanted : is, from: `${host.name}: ${path}` })
  }
  const { podSubnet, serviceSubnet, dnsDomain } = spec.networking
  for (const path of [manifestFiles.apiServer, manifestFiles.controllerManager, manifestFiles.scheduler])
    tell('kubernetes.version', imageTagIn(files.get(path)), path)

  const { apiServer, controllerManager, etcd } = manifestFiles
  const api = flagsOf(files.get(apiServer))
  const manager = flagsOf(files.get(controllerManager))
  const range = 'service-cluster-ip-range'
  tell('networking.serviceSubnet', api.get(range), apiServer, spec.apiServer.extraArgs[range], serviceSubnet)
  tell(
    'networking.serviceSubnet',
    manager.get(range),
    controllerManager,
    spec.controllerManager.extraArgs[range],
    serviceSubnet,
  )
  tell(
    'networking.podSubnet',
    manager.get('cluster-cidr'),
    controllerManager,
    spec.controllerManager.extraArgs['cluster-cidr'],
    podSubnet,
  )

  const servers = api.get('etcd-servers')
  if (servers !== undefined) {
    const stacked = servers.split(',').every((url) => /^https:\/\/(127\.0\.0\.1|\[::1\]):/.test(url))
    tell('etcd', stacked ? 'stacked' : 'external', apiServer)
    if (!stacked) tell('etcd.endpoints', servers.replaceAll(',', ', '), apiServer)
  }
  tell(
    'etcd.dataDir',
    flagsOf(files.get(etcd)).get('data-dir'),
    etcd,
    spec.etcd.extraArgs['data-dir'],
    spec.etcd.dataDir,
  )

  const config = parsedYaml(files.get(kubeletFiles.config))
  const domain = { ...spec.kubelet.config, ...host.kubeletConfig }.clusterDomain
  tell('networking.dnsDomain', textOf(config.clusterDomain), kubeletFiles.config, domain, dnsDomain)
  const runtime = runtimeOf(files, config, runtimes)
  if (runtime) tell('runtime', runtime.id, runtime.from)
  for (const { id, signs } of networks)
    for (const path of signs.filter((sign) => files.has(sign))) tell('network', id, path)
  return told
}

/** By the CRI socket the kubelet is told; without any it speaks to Docker itself, as it did until 1.23. */
function runtimeOf(
  files: Found,
  config: Record<string, unknown>,
  runtimes: Signs['runtimes'],
): { id: string; from: string } | undefined {
  const flags = files.get(kubeletFiles.flags)
  const told: [string, string | undefined][] = [
    [kubeletFiles.flags, /--container-runtime-endpoint=([^\s"']+)/.exec(flags ?? '')?.[1]],
    [kubeletFiles.instance, textOf(parsedYaml(files.get(kubeletFiles.instance)).containerRuntimeEndpoint)],
    [kubeletFiles.config, textOf(config.containerRuntimeEndpoint)],
  ]
  const [from, endpoint] = told.find(([, is]) => is !== undefined) ?? []
  if (from === undefined || endpoint === undefined)
    return flags === undefined ? undefined : { id: 'docker', from: kubeletFiles.flags }
  const socket = endpoint.replace(/^unix:\/\//, '')
  const known = runtimes.find(({ criSocket }) => tail(criSocket) === tail(socket))
  return { id: known?.id ?? socket, from }
}

/** /var/run is a link to /run. */
const tail = (socket: string): string => socket.replace(/^\/var\/run\//, '/run/')

/** The address its API server tells others; undefined on a machine without one, '' where the inventory itself sets it. */
export function advertised(spec: ClusterSpec, files: Found): string | undefined {
  if (!files.has(manifestFiles.apiServer)) return undefined
  if (spec.apiServer.extraArgs['advertise-address'] !== undefined) return ''
  return flagsOf(files.get(manifestFiles.apiServer)).get('advertise-address') ?? ''
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
