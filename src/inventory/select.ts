import { UserError } from '../lib/errors.js'
import type { ClusterSpec, HostSpec, Role } from './spec.js'

/**
 * Hosts that any of the patterns names, in the inventory's order: a name, a glob over names ("w*",
 * "w[12]", "?1"), a group, or a role ("worker", "control-plane"). Patterns may hold several, with commas.
 * Throws UserError('usage') for a pattern that names none: it is a slip, not an empty wish.
 */
export function selectHosts(spec: ClusterSpec, patterns: readonly string[]): HostSpec[] {
  const wanted = patterns
    .flatMap((pattern) => pattern.split(','))
    .map((pattern) => pattern.trim().toLowerCase())
  const named = new Set(
    wanted.flatMap((pattern) => {
      const matches = matcher(pattern)
      const found = spec.hosts.filter(
        (host) =>
          matches(host.name) || [...host.roles, ...host.groups].some((one) => one.toLowerCase() === pattern),
      )
      if (found.length === 0)
        throw new UserError('usage', `no host of ${spec.file} matches "${pattern}"`, {
          next: `hosts: ${spec.hosts.map(({ name }) => name).join(', ')}; groups, roles and globs (w*) select hosts too`,
        })
      return found
    }),
  )
  return spec.hosts.filter((host) => named.has(host))
}

/** Hosts with a role, in the inventory's order. */
export const hostsWithRole = ({ hosts }: Pick<ClusterSpec, 'hosts'>, role: Role): HostSpec[] =>
  hosts.filter(({ roles }) => roles.includes(role))

/** A glob with *, ? and [set]; everything else is itself. */
function matcher(glob: string): (name: string) => boolean {
  const source = glob.replace(/\[!?[a-z0-9.-]+\]|[*?]|[^a-z0-9]/g, (part) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    return part.length > 1 ? part.replace('[!', '[^') : `\\${part}`
  })
  try {
    const pattern = new RegExp(`^${source}$`)
    return (name) => pattern.test(name)
  } catch {
    // [z-a]: a set nobody can be in
    return () => false
  }
}
