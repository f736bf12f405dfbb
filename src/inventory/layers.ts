import { deepMerge } from '../lib/deep-merge.js'
import type { Path } from '../lib/yaml-source.js'
import type { HostSettings } from './schema/hosts.js'
import { bare } from './schema/record.js'
import type { Inventory } from './schema/schema.js'

/** Settings of a host as one place of the inventory gives them. */
export interface Layer {
  /** ['defaults'], ['groups', NAME] or ['hosts', NAME]. */
  path: Path
  settings: HostSettings
}

/**
 * Where a host's settings come from, the weakest first: defaults, its groups in their order with those
 * they belong to before them, the host itself. A group that does not exist is left out, and one that
 * belongs to itself counts once: both are problems told elsewhere.
 */
export function layersOf(inventory: Inventory, name: string): Layer[] {
  const host = inventory.hosts[name]
  if (!host) return []
  const groups = inventory.groups ?? {}
  const order: string[] = []
  const add = (group: string, above: readonly string[]): void => {
    const settings = groups[group]
    if (!settings || order.includes(group) || above.includes(group)) return
    for (const parent of settings.groups ?? []) add(parent, [...above, group])
    order.push(group)
  }
  for (const group of host.groups ?? []) add(group, [])
  return [
    ...(inventory.defaults ? [{ path: ['defaults'], settings: inventory.defaults }] : []),
    ...order.map((group): Layer => ({ path: ['groups', group], settings: groups[group] ?? {} })),
    { path: ['hosts', name], settings: host },
  ]
}

/** All layers in one: mappings are merged, lists and values replaced by the stronger layer's. */
export function mergeLayers(layers: readonly Layer[]): HostSettings {
  let merged: HostSettings = {}
  for (const { settings } of layers) merged = over(merged, settings)
  return merged
}

function over(
  below: HostSettings,
  { roles, connection, ssh, os, timeSync, firewall, state, labels, taints, kubelet }: HostSettings,
): HostSettings {
  return {
    ...below,
    ...(roles ? { roles } : {}),
    ...(connection ? { connection } : {}),
    ...(taints ? { taints } : {}),
    ...(timeSync === undefined ? {} : { timeSync }),
    ...(firewall ? { firewall } : {}),
    ...(state ? { state } : {}),
    ...(os
      ? { os: { ...below.os, ...os, repositories: bare({ ...below.os?.repositories, ...os.repositories }) } }
      : {}),
    ...(ssh ? { ssh: { ...below.ssh, ...ssh } } : {}),
    ...(labels ? { labels: bare({ ...below.labels, ...labels }) } : {}),
    ...(kubelet
      ? {
          kubelet: {
            extraArgs: bare({ ...below.kubelet?.extraArgs, ...kubelet.extraArgs }),
            config: deepMerge(below.kubelet?.config ?? {}, kubelet.config ?? {}),
          },
        }
      : {}),
  }
}

/** Every place settings of hosts may stand at, with what stands there. */
export function settingsOf(inventory: Inventory): Layer[] {
  return [
    ...(inventory.defaults ? [{ path: ['defaults'], settings: inventory.defaults }] : []),
    ...Object.entries(inventory.groups ?? {}).map(([name, settings]) => ({
      path: ['groups', name],
      settings,
    })),
    ...Object.entries(inventory.hosts).map(([name, settings]) => ({ path: ['hosts', name], settings })),
  ]
}
