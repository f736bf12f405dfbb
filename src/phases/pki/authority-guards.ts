import { UserError } from '../../lib/errors.js'
import { certificateFingerprint } from '../../pki/authorities.js'
import { authorityProblem } from '../../pki/authority-problem.js'

/** An authority's certificate as a host has it. */
export interface FoundAuthority {
  host: string
  /** PEM. */
  certificate: string
  /** Whether the host counts for more: it has the authority's key beside it. */
  key: boolean
}

/**
 * Throws UserError('step') for a certificate by which nothing can be signed or trusted: it is no authority, has
 * expired, or is not valid yet. Another one is never made in its place.
 */
export function refuseUnfit(host: string, path: string, pem: string, now: Date): void {
  const problem = authorityProblem(pem, now)
  if (problem === undefined) return
  throw new UserError('step', `${path} ${problem}`, {
    host,
    why: 'kubestrap creates no new certificate authority for a cluster that has one: clients that trust the old one would reject it',
    next: problem.startsWith('is not valid before')
      ? 'compare the clocks (date -u, here and on the hosts)'
      : problem.startsWith('expired')
        ? 'replace the authority by hand ("Manual Rotation of CA Certificates" in the Kubernetes documentation), then run kubestrap up again'
        : `restore ${path} from a backup, or from another control plane`,
  })
}

/**
 * Throws UserError('step') when hosts have different authorities. It is about those that stand apart from most: hosts
 * with the key count before hosts without. Where it is a tie nobody is named as the wrong one.
 * @param what whose authority it is: "cluster", "etcd cluster"
 */
export function refuseStrangers(found: readonly FoundAuthority[], path: string, what: string): void {
  const groups = new Map<string, FoundAuthority[]>()
  for (const one of found) {
    const fingerprint = fingerprintOf(one, path)
    const group = groups.get(fingerprint)
    if (group) group.push(one)
    else groups.set(fingerprint, [one])
  }
  if (groups.size < 2) return
  const weight = (group: readonly FoundAuthority[]): number =>
    group.filter(({ key }) => key).length * (found.length + 1) + group.length
  const [first = [], second = [], ...rest] = [...groups.values()].toSorted((a, b) => weight(b) - weight(a))
  const why = [...groups]
    .flatMap(([fingerprint, group]) => group.map(({ host }) => `${host}: CA SHA-256 ${fingerprint}`))
    .join('\n')
  if (weight(first) === weight(second))
    throw new UserError('step', `these hosts belong to different ${what}s`, {
      why,
      next: 'decide which cluster stays and remove the other hosts from the inventory, or clear /etc/kubernetes on them',
    })
  const odd = [second, ...rest].flat().map(({ host }) => host)
  const names = odd.join(', ')
  const [host = ''] = odd
  throw new UserError('step', `${names} ${odd.length === 1 ? 'belongs' : 'belong'} to another ${what}`, {
    host,
    why: `${path} is not the one of ${first.map((one) => one.host).join(', ')}:\n${why}`,
    next: `remove ${names} from the inventory; or, if that other cluster is gone, clear /etc/kubernetes on ${names}`,
  })
}

function fingerprintOf({ host, certificate }: FoundAuthority, path: string): string {
  try {
    return certificateFingerprint(certificate)
  } catch (error) {
    throw new UserError('step', `${path} is not a certificate`, {
      host,
      why: String(error),
      next: 'restore the file from a backup',
    })
  }
}
