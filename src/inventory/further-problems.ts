import type { z } from 'zod'
import { chosen } from './chosen.js'
import type { Known } from './known.js'
import { meaningProblems } from './meaning-problems.js'
import { inventorySchema } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/**
 * What else is wrong with an inventory whose shape is: the ill-formed parts are taken out, or
 * replaced where they are required, and the rest is read for its meaning. So a user sees every
 * problem at once. Nothing is said about the parts replaced, and nothing at all when the rest still
 * cannot be read.
 */
export function furtherProblems(value: unknown, issues: readonly z.core.$ZodIssue[], known: Known): Found[] {
  const copy: unknown = structuredClone(value)
  const replaced: string[] = []
  for (const issue of issues) {
    const paths =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
    for (const path of paths) {
      put(copy, path, placeholder(path, known, replaced.length))
      replaced.push(path.map(String).join('.'))
    }
  }
  const decoded = inventorySchema.safeParse(copy)
  if (!decoded.success) return []
  // a placeholder for roles makes every host it reaches a control plane: nothing is said of roles then
  const rolesUnknown = replaced.some((name) => /\broles\b/.test(name))
  return meaningProblems(chosen(decoded.data, known), known).filter(({ path }) => {
    if (rolesUnknown && (path.at(-1) === 'roles' || (path.length === 1 && path[0] === 'hosts'))) return false
    const name = path.map(String).join('.')
    // nor of what hangs on who has which
    if (
      rolesUnknown &&
      /^(loadBalancer|etcd|kubernetes\.controlPlaneEndpoint|apiServer\.bindPort)\b/.test(name)
    )
      return false
    return !replaced.some(
      (other) => name === other || name.startsWith(`${other}.`) || other.startsWith(`${name}.`),
    )
  })
}

/** Something harmless for a required key; undefined takes the key out. Addresses are of TEST-NET-3 (RFC 5737). */
function placeholder(path: readonly PropertyKey[], known: Known, n: number): unknown {
  const last = path.at(-1)
  if (last === 'version') return `${known.minors[0] ?? '1.0'}.0`
  if (last === 'kubernetes') return { version: `${known.minors[0] ?? '1.0'}.0` }
  if (last === 'binaries') return { bundle: '.' }
  if (last === 'bundle') return '.'
  // no type: of a balancer that is not known nothing more is said
  if (last === 'type' && path[0] === 'loadBalancer') return ''
  if (path[0] === 'etcd') {
    if (last === 'endpoints') return ['https://203.0.113.1:2379']
    if (last === 'sha256') return '0'.repeat(64)
    if (last === 'file') return '.'
  }
  if (last === 'address') return `203.0.113.${(n % 250) + 1}`
  if (path.includes('roles')) return last === 'roles' ? ['control-plane'] : 'control-plane'
  if (path.length === 2 && path[0] === 'hosts')
    return { address: `203.0.113.${(n % 250) + 1}`, roles: ['control-plane'] }
  return undefined
}

function put(root: unknown, path: readonly PropertyKey[], value: unknown): void {
  let here = root
  for (const part of path.slice(0, -1)) {
    if (typeof here !== 'object' || here === null) return
    here = Reflect.get(here, part)
  }
  const last = path.at(-1)
  if (typeof here !== 'object' || here === null || last === undefined) return
  if (value === undefined) Reflect.deleteProperty(here, last)
  else Reflect.set(here, last, value)
}
