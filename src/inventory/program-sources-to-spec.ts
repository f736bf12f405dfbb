import type { Path } from '../lib/yaml-source.js'
import type { Inventory } from './schema/schema.js'
import { parseSecretSource } from './secret-reference.js'
import type { ProxySpec, SourcesSpec } from './spec.js'

/**
 * Where programs come from, by a checked inventory.
 * @param path makes a path of the inventory absolute
 * @param at "FILE:LINE:COLUMN" of a path's key
 */
export function sourcesOf(
  { sources, binaries }: Inventory,
  path: (text: string) => string,
  at: (path: Path) => string,
): SourcesSpec {
  const mirrors = Object.entries(sources?.mirrors ?? {}).flatMap(([site, url]) =>
    url === undefined ? [] : [[site, url.replace(/\/+$/, '')]],
  )
  const proxy = proxyOf(sources?.proxy, path, at)
  return {
    kubernetes: sources?.kubernetes ?? (binaries ? 'bundle' : 'download'),
    runtime: sources?.runtime ?? 'packages',
    cniPlugins: sources?.cniPlugins ?? 'packages',
    versions: Object.fromEntries(
      Object.entries(sources?.versions ?? {}).filter(([, version]) => version !== undefined),
    ),
    mirrors: Object.fromEntries(mirrors),
    ...(proxy ? { proxy } : {}),
    caCertificate: sources?.caCertificate === undefined ? undefined : path(sources.caCertificate),
  }
}

function proxyOf(
  given: NonNullable<Inventory['sources']>['proxy'],
  path: (text: string) => string,
  at: (path: Path) => string,
): ProxySpec | undefined {
  if (given === undefined) return undefined
  const key = ['sources', 'proxy', 'auth', 'password']
  const source = given.auth && parseSecretSource(given.auth.password, path)
  return {
    http: given.http?.replace(/\/+$/, ''),
    https: given.https?.replace(/\/+$/, ''),
    noProxy: given.noProxy ?? [],
    auth: given.auth &&
      source && { username: given.auth.username, password: { source, key: key.join('.'), at: at(key) } },
  }
}
