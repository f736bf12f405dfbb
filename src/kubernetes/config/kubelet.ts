import type { ClusterSpec, HostSpec, TaintSpec } from '../../inventory/spec.js'
import { deepMerge } from '../../lib/deep-merge.js'
import { template } from '../../lib/templates.js'
import { argumentList } from '../arguments.js'
import { imageFor } from '../images.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { renderYaml } from '../render-yaml.js'
import { serviceAddress } from '../service-address.js'
import { configMap } from './config-map.js'

/** What a node adds to the cluster's kubelet configuration; left out: the kubelet's or release's default. */
export interface KubeletNode {
  cgroupDriver?: 'cgroupfs' | 'systemd'
  /** Path of the resolv.conf pods get. */
  resolvConf?: string
  /** Told in the configuration where the release does so. */
  criSocket?: string
  /** Fields of KubeletConfiguration of this node's own; they win over the cluster's. */
  config?: Readonly<Record<string, unknown>>
}

/**
 * /var/lib/kubelet/config.yaml. The inventory's `kubelet.config` wins over all but rotateCertificates
 * (kubeadm forces it: the kubelet's first certificate would not be renewed) and the CRI socket.
 */
export function kubeletConfiguration(spec: ClusterSpec, release: Release, node: KubeletNode): string {
  const { cgroupDriver, resolvConf, criSocket, config = {} } = node
  const ours = deepMerge(release.kubelet.defaults, {
    clusterDNS: [serviceAddress(spec.networking.serviceSubnet, 10)],
    clusterDomain: spec.networking.dnsDomain,
    ...(cgroupDriver ? { cgroupDriver } : {}),
    ...(resolvConf ? { resolvConf } : {}),
  })
  return renderYaml({
    ...deepMerge(deepMerge(ours, spec.kubelet.config), config),
    rotateCertificates: true,
    ...(criSocket && release.kubelet.endpoint === 'config' ? { containerRuntimeEndpoint: criSocket } : {}),
  })
}

/**
 * The ConfigMap joining nodes read their kubelet's configuration from.
 * @param node what the first control plane adds: `kubeadm join` asks nothing of the joining machine
 */
export function kubeletConfigMap(spec: ClusterSpec, release: Release, node: KubeletNode): KubeObject {
  const hash = Object.keys(spec.kubelet.config).length === 0
  const kubelet = kubeletConfiguration(spec, release, node)
  return configMap(release.kubelet.configMap, { kubelet }, { hash })
}

/**
 * /var/lib/kubelet/kubeadm-flags.env. Taints of workers are registered with the node, so that nothing
 * is scheduled before they are there. The address is told: the kubelet would take that of the default route, or of
 * the machine's name in /etc/hosts (pkg/kubelet/nodestatus/setters.go), and neither need be the one of the inventory.
 * @param nodeIp false: as version 0.1.0 wrote them where the default route was on the inventory's address
 * @param runtime id in the catalog, and its CRI socket
 */
export function kubeletFlags(
  spec: ClusterSpec,
  host: HostSpec,
  release: Release,
  runtime: { id: string; criSocket: string },
  nodeIp = true,
): string {
  const { runtimeFlags } = release.kubelet
  const values: Readonly<Record<string, string>> = {
    '{pause}': imageFor('pause', spec, release),
    '{socket}': runtime.criSocket,
  }
  const base = Object.entries(runtimeFlags[runtime.id] ?? runtimeFlags.other ?? {}).map(
    ([name, value]) => [name, values[value] ?? value] as const,
  )
  const registered = host.roles.includes('control-plane') ? [] : host.taints
  const flags = {
    ...Object.fromEntries(base),
    ...(nodeIp ? { 'node-ip': host.address } : {}),
    ...(registered.length > 0 ? { 'register-with-taints': registered.map(taintText).join(',') } : {}),
  }
  const extra = { ...spec.kubelet.extraArgs, ...host.kubeletExtraArgs }
  return `KUBELET_KUBEADM_ARGS="${envQuoted(argumentList(flags, extra).join(' '))}"\n`
}

/** /var/lib/kubelet/instance-config.yaml: what is this node's own; undefined where the release has none. */
export function kubeletInstanceConfig(release: Release, criSocket: string): string | undefined {
  if (release.kubelet.endpoint === 'flags') return undefined
  return `containerRuntimeEndpoint: ${JSON.stringify(criSocket)}\n`
}

/**
 * The drop-in 10-kubeadm.conf, as the packages of kubeadm bring it.
 * @param defaultsFile environment file for the administrator's KUBELET_EXTRA_ARGS: "/etc/default/kubelet"
 */
export function kubeletDropIn(defaultsFile: string): string {
  return template('kubelet/10-kubeadm.conf', { defaultsFile })
}

/** kubelet.service, as the packages of kubelet bring it. */
export function kubeletService(): string {
  return template('kubelet/kubelet.service', {})
}

const taintText = ({ key, value, effect }: TaintSpec): string =>
  value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`

/** Go's %q, which systemd's EnvironmentFile reads: backslashes and double quotes. */
const envQuoted = (text: string): string => text.replace(/[\\"]/g, '\\$&')
