import type { Inventory } from './schema/schema.js'
import type { SourcesSpec } from './spec.js'

/**
 * Where programs come from, by a checked inventory.
 * @param path makes a path of the inventory absolute
 */
export function sourcesOf({ sources, binaries }: Inventory, path: (text: string) => string): SourcesSpec {
  const mirrors = Object.entries(sources?.mirrors ?? {}).flatMap(([site, url]) =>
    url === undefined ? [] : [[site, url.replace(/\/+$/, '')]],
  )
  return {
    kubernetes: sources?.kubernetes ?? (binaries ? 'bundle' : 'download'),
    mirrors: Object.fromEntries(mirrors),
    caCertificate: sources?.caCertificate === undefined ? undefined : path(sources.caCertificate),
  }
}
