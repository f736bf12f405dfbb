import type { Phase } from '../engine/phase.js'
import type { Need, Step } from '../engine/step.js'
import { proxyFile } from '../host/proxy-file.js'
import type { Secrets } from '../host/secrets.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { file } from '../resources/file.js'
import { filesGone } from '../resources/files-gone.js'
import { aptProxy, type HostProxy, proxyEnvironment, proxyMark, unitProxy } from '../sources/proxy.js'
import type { Context } from './context.js'
import { isNode, type Machine } from './machine.js'

/** Runtimes that pull images themselves: only they are told a proxy. */
const units = ['containerd.service', 'docker.service']

const dropIn = (unit: string): string => `/etc/systemd/system/${unit}.d/kubestrap-proxy.conf`
const aptFile = '/etc/apt/apt.conf.d/90kubestrap-proxy'

/**
 * INPUTS: sources.proxy, with the password it refers to.
 * OUTPUTS: what packages, programs and images are fetched through it: apt, kubestrap's own calls of dnf, zypper, curl,
 * wget and ctr, and the runtime's unit. Nothing else is told it: no kubelet, no Pod, no login shell.
 */
export const proxy: Phase<Context> = {
  id: 'proxy',
  title: 'Proxy',
  about: 'The proxy that packages, programs and images are fetched through (sources.proxy).',
  steps: (context) => context.machines.flatMap((machine) => proxySteps(context, machine)),
}

/** What must be there before anything is fetched by a host. */
export const proxyNeeds = ({ spec: { name } }: Machine): Need[] => [`${name}/@proxy`]

/** What must be there before a node downloads: the proxy, and, where it lacks them, the programs to download with. */
export const downloadNeeds = (machine: Machine): Need[] => [
  ...proxyNeeds(machine),
  ...(machine.facts.lacksForDownloads.length > 0 ? [`${machine.spec.name}/packages:node` as const] : []),
]

function proxySteps({ proxy: own, runtime }: Context, machine: Machine): Step[] {
  const { host, os } = machine
  const unit = isNode(machine) ? runtime.unit : undefined
  const told = units.find((one) => one === unit)
  const files = [
    { path: proxyFile, content: own && proxyEnvironment(own), marks: told ? [told] : [] },
    { path: aptFile, content: own && os.packageFormat === 'deb' ? aptProxy(own) : undefined, marks: [] },
    ...units.map((one) => ({
      path: dropIn(one),
      content: own && one === told ? unitProxy(proxyFile) : undefined,
      marks: one === told ? [one] : [],
    })),
  ]
  const gone = files.filter(({ content }) => content === undefined)
  return [
    ...files.flatMap(({ path, content, marks }) =>
      content === undefined
        ? []
        : [file(host, { path, content, marks, needs: [], hideOld: (old) => old.includes('@') })],
    ),
    filesGone(host, {
      id: 'proxy-gone',
      title: 'proxy from an earlier inventory',
      files: gone.map(({ path, marks }) => ({ path, marks })),
      mark: proxyMark,
      needs: [],
    }),
  ]
}

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
