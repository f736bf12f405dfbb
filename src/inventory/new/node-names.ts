import { parseAddress } from '../../lib/cidr.js'
import type { Role } from '../spec.js'
import { shortName } from './node-name.js'
import { type Look, sightOf } from './sight.js'
import type { WantedHost } from './wanted-hosts.js'

/** What a numbered name begins with. */
const prefixes: readonly (readonly [role: Role, prefix: string])[] = [
  ['control-plane', 'cp'],
  ['worker', 'w'],
  ['etcd', 'etcd'],
  ['load-balancer', 'lb'],
]

/**
 * A node name for each host: the given one, else the machine's own short host name, else the host name that was given,
 * else cp1, w1 … A name of two machines is used for neither.
 * @param hosts each with what its look found
 */
export function nodeNames(hosts: readonly { wanted: WantedHost; look: Look }[]): string[] {
  const named = hosts.map(({ wanted }) => wanted.name)
  const own = unique(
    hosts.map(({ wanted, look }) => (wanted.name ? undefined : shortName(sightOf(look)?.hostname ?? ''))),
    named,
  )
  const byMachine = named.map((name, i) => name ?? own[i])
  const target = unique(
    hosts.map(({ wanted }, i) =>
      byMachine[i] || parseAddress(wanted.target) ? undefined : shortName(wanted.target),
    ),
    byMachine,
  )
  const known = byMachine.map((name, i) => name ?? target[i])
  const taken = new Set(known)
  return hosts.map(({ wanted }, i) => {
    const name = known[i] ?? numbered(wanted.roles, taken)
    taken.add(name)
    return name
  })
}

/** Candidates that are nobody else's. */
function unique(
  candidates: readonly (string | undefined)[],
  taken: readonly (string | undefined)[],
): (string | undefined)[] {
  return candidates.map((name) =>
    taken.includes(name) || candidates.filter((other) => other === name).length > 1 ? undefined : name,
  )
}

function numbered(roles: readonly Role[], taken: ReadonlySet<string | undefined>): string {
  const prefix = prefixes.find(([role]) => roles.includes(role))?.[1] ?? 'host'
  let n = 1
  while (taken.has(`${prefix}${n}`)) n += 1
  return `${prefix}${n}`
}
