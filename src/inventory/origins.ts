import type { Path } from '../lib/yaml-source.js'
import type { Layer } from './layers.js'
import { bare } from './schema/record.js'
import type { Inventory } from './schema/schema.js'

/**
 * Where each setting of a host was said, by its dotted name below the host ("labels.rack",
 * "kubelet.config.evictionHard.memory.available"): the strongest place that says it. A setting with no
 * entry has kubestrap's default.
 * @param at "FILE:LINE:COLUMN" of a path's key
 */
export function originsOf(
  inventory: Inventory,
  layers: readonly Layer[],
  at: (path: Path) => string,
): Record<string, string> {
  const origins: Record<string, string> = bare({})
  const note = (path: Path, name: Path, value: unknown, label: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, inner] of Object.entries(value)) note([...path, key], [...name, key], inner, label)
    else if (value !== undefined) origins[name.map(String).join('.')] = `${label} (${at(path)})`
  }
  for (const name of ['ssh', 'kubelet'] as const) note([name], [name], inventory[name], name)
  for (const { path, settings } of layers) {
    const label = path[0] === 'hosts' ? 'the host' : path.map(String).join('.')
    note(path, [], settings, label)
  }
  return origins
}
