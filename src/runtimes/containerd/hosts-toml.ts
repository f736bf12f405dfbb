import { Secret } from '../../lib/secret.js'
import type { Registry, RegistryServer } from '../registry.js'

/** Where containerd looks for registries, at each pull (its config_path). */
export const certsDirectory = '/etc/containerd/certs.d'

/** By it files of ours are known from a user's. */
export const hostsMark = '# Made by kubestrap from the inventory (registries).'

/** By it a file is known to hold somebody's password. */
export const hostsHeader = '.header]'

/** The directory of a registry; containerd has one for all that have none. */
export const directoryOf = (registry: string): string =>
  `${certsDirectory}/${registry === '*' ? '_default' : registry}`

export interface HostsFiles {
  /** hosts.toml; a secret when a password is in it. */
  hosts: string | Secret
  /** Certificate authorities by path. */
  authorities: ReadonlyMap<string, string>
}

/**
 * hosts.toml of a registry (containerd: docs/hosts.md), with the files it names. Mirrors first, in order; what
 * stands at the top is of the server asked last, which is the registry itself unless that must not be asked.
 */
export function hostsFiles(registry: Registry): HostsFiles {
  const authorities = new Map<string, string>()
  const secrets: Secret[] = []
  const words = ({ ca, skipVerify, auth }: Omit<RegistryServer, 'url'>, name: string): string[] => {
    const path = `${directoryOf(registry.name)}/${name}.crt`
    if (ca !== undefined) authorities.set(path, ca)
    if (auth) secrets.push(auth.password)
    return [
      ...(ca === undefined ? [] : [`ca = ${quoted(path)}`]),
      ...(skipVerify ? ['skip_verify = true'] : []),
    ]
  }
  const { mirrors } = registry
  const last = registry.fallback ? undefined : mirrors.at(-1)
  const before = last ? mirrors.slice(0, -1) : mirrors
  const top = last ? [`server = ${quoted(last.url)}`, 'capabilities = ["pull", "resolve"]'] : []
  const lines = [
    hostsMark,
    '',
    ...top,
    ...(last ? pathWords(last.url) : []),
    ...words(last ?? registry.own, 'server'),
    ...header('header', (last ?? registry.own).auth),
    // containerd 1.x reads nothing from a file without this table: "invalid `host` tree"
    ...(before.length === 0 ? ['', '[host]'] : []),
    ...before.flatMap((mirror, i) => [
      '',
      `[host.${quoted(mirror.url)}]`,
      'capabilities = ["pull", "resolve"]',
      ...pathWords(mirror.url),
      ...words(mirror, `mirror-${i + 1}`),
      ...header(`host.${quoted(mirror.url)}.header`, mirror.auth),
    ]),
  ]
  const text = `${lines.join('\n')}\n`
  return { hosts: secrets.length > 0 ? new Secret(text) : text, authorities }
}

/** containerd puts /v2 behind a path unless it is told that the path is whole (Harbor's proxies, Artifactory). */
function pathWords(url: string): string[] {
  return /^\/v2(\/|$)/.test(new URL(url).pathname) ? ['override_path = true'] : []
}

/** A login as a header: containerd reads this file at each pull, its own configuration only at a start. */
function header(table: string, auth: RegistryServer['auth']): string[] {
  if (!auth) return []
  const basic = new Secret(Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64'))
  return ['', `[${table}]`, `Authorization = ${quoted(`Basic ${basic.reveal()}`)}`]
}

/** A TOML basic string; JSON's escapes are among TOML's. */
const quoted = (text: string): string => JSON.stringify(text)
