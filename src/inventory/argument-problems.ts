import { parseAddress } from '../lib/cidr.js'
import { isDnsName } from '../lib/grammar/dns-name.js'
import { plainValue } from '../lib/plain-value.js'
import type { Path } from '../lib/yaml-source.js'
import { settingsOf } from './layers.js'
import { nodePortOwner } from './node-ports.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** Flags, configurations of components, and names for certificates. */
export function argumentProblems(inventory: Inventory): Found[] {
  const found: Found[] = []
  const kinds = {
    kubelet: ['KubeletConfiguration', 'kubelet.config.k8s.io/'],
    kubeProxy: ['KubeProxyConfiguration', 'kubeproxy.config.k8s.io/'],
  } as const
  for (const [component, [kind, group]] of Object.entries(kinds)) {
    const config = component === 'kubelet' ? inventory.kubelet?.config : inventory.kubeProxy?.config
    if (config?.kind !== undefined && config.kind !== kind)
      found.push({
        path: [component, 'config', 'kind'],
        what: `kind is ${plainValue(config.kind)}`,
        write: `remove it, or use kind: ${kind}`,
      })
    if (config?.apiVersion !== undefined && !plainValue(config.apiVersion).startsWith(group))
      found.push({
        path: [component, 'config', 'apiVersion'],
        what: `apiVersion is ${plainValue(config.apiVersion)}`,
        write: 'remove it',
      })
  }
  found.push(...kubeletFlagProblems(inventory.kubelet?.extraArgs, ['kubelet', 'extraArgs']))
  for (const { path, settings } of settingsOf(inventory))
    found.push(...kubeletFlagProblems(settings.kubelet?.extraArgs, [...path, 'kubelet', 'extraArgs']))
  const { bindPort } = inventory.apiServer ?? {}
  const owner = bindPort === undefined ? undefined : nodePortOwner(bindPort)
  if (owner !== undefined)
    found.push({
      path: ['apiServer', 'bindPort'],
      what: `port ${bindPort} is ${owner} on a control plane`,
      write: 'a port that nothing else has there: 6443, the default, or 443',
    })
  for (const [i, san] of (inventory.apiServer?.certSANs ?? []).entries())
    if (!parseAddress(san) && !isDnsName(san.replace(/^\*\./, '')))
      found.push({
        path: ['apiServer', 'certSANs', i],
        what: `"${san}" is neither a DNS name nor an IP address`,
        write: 'use a name such as api.example.com',
      })
  return found
}

/** They travel in one environment variable, which systemd divides at blanks and whose quotes it takes away. */
function kubeletFlagProblems(args: Readonly<Record<string, string>> | undefined, path: Path): Found[] {
  return Object.entries(args ?? {})
    .filter(([, value]) => /[\s"'\\]/.test(value))
    .map(([key, value]) => ({
      path: [...path, key],
      what: `${JSON.stringify(value)} cannot be the value of a flag of the kubelet`,
      write:
        'a value without blanks, quotes and backslashes; or the field of kubelet.config that does the same',
    }))
}
