import { createHash } from 'node:crypto'
import type { World } from './world.js'

/** What a cluster must never lose: its authorities, their keys, and the key of its service accounts. */
const sacred = ['ca', 'front-proxy-ca', 'etcd/ca', 'sa'].flatMap((name) =>
  ['key', name === 'sa' ? 'pub' : 'crt'].map((kind) => `/etc/kubernetes/pki/${name}.${kind}`),
)

/** Digests of those files by host and path, as far as they exist. */
export function identity(world: World): Record<string, string> {
  return Object.fromEntries(
    [...world.hosts.values()].flatMap((host) =>
      sacred.flatMap((path) => {
        const text = host.read(path)
        return text === undefined
          ? []
          : [[`${host.name}:${path}`, createHash('sha256').update(text).digest('hex')]]
      }),
    ),
  )
}

/** Files of `before` that are gone or others in `after`. */
export function lostIdentity(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((path) => after[path] !== before[path])
}
