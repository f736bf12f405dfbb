import type { Inventory } from './schema/schema.js'
import type { SourcesSpec } from './spec.js'

/**
 * Where programs come from, by a checked inventory.
 * @param path makes a path of the inventory absolute
 */
export function sourcesOf({ sources, binaries }: Inventory, path: (text: string) => string): SourcesSpec {
  const { kubernetes } = sources?.mirrors ?? {}
  return {
    kubernetes: sources?.kubernetes ?? (binaries ? 'bundle' : 'download'),
    mirrors: { ...(kubernetes === undefined ? {} : { kubernetes: kubernetes.replace(/\/+$/, '') }) },
    caCertificate: sources?.caCertificate === undefined ? undefined : path(sources.caCertificate),
  }
}
