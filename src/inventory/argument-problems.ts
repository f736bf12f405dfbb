import { parseAddress } from '../lib/cidr.js'
import type { Path } from '../lib/yaml-source.js'
import { isDnsName } from './labels.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'

/** Flags, configurations of components, and names for certificates. */
export function argumentProblems(inventory: Inventory): Found[] {
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
