import { UserError } from '../../lib/errors.js'
import { authorityProblem, untrustworthy } from '../../pki/authority-problem.js'
import { fingerprintsOf, type TrustList } from '../../pki/trust.js'

/** An authority's certificates as a host has them. */
export interface FoundAuthority {
  host: string
  trusted: TrustList
  /** Whether the host counts for more: it has the authority's key beside it. */
  key: boolean
}

/**
 * Throws UserError('step') for a certificate by which nothing can be signed or trusted: it is no authority, has
 * expired, or is not valid yet. Another one is never made in its place. One that is only trusted beside the signer may be
 * of yesterday, or of tomorrow.
 * @param signer undefined where it is not known which of them signs
 */
export function refuseUnfit(
  host: string,
  path: string,
  { signer, trusted }: { signer: string | undefined; trusted: TrustList },
  now: Date,
): void {
  const problems = trusted.map((pem) => (pem === signer ? authorityProblem(pem, now) : untrustworthy(pem)))
  const problem = problems.find((one) => one !== undefined)
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
 * Throws UserError('step') when hosts have different authorities. Those that trust a certificate in common have the same:
 * it is being rotated. The error is about those that stand apart from most: hosts with the key count before hosts without.
 * Where it is a tie nobody is named as the wrong one.
 * @param what whose authority it is: "cluster", "etcd cluster"
 */
export function refuseStrangers(found: readonly FoundAuthority[], path: string, what: string): void {
  const groups = groupsOf(found, path)
  if (groups.length < 2) return
  const weight = (group: readonly FoundAuthority[]): number =>
    group.filter(({ key }) => key).length * (found.length + 1) + group.length
  const [first = [], second = [], ...rest] = groups.toSorted((a, b) => weight(b) - weight(a))
  const why = groups
    .flat()
    .map((one) => `${one.host}: CA SHA-256 ${[...fingerprintsAt(one, path)].join(', ')}`)
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

/** Together those that trust a certificate in common, also by way of others. */
function groupsOf(found: readonly FoundAuthority[], path: string): FoundAuthority[][] {
  let groups: { members: FoundAuthority[]; known: Set<string> }[] = []
  for (const one of found) {
    const own = fingerprintsAt(one, path)
    const near = groups.filter(({ known }) => [...own].some((fingerprint) => known.has(fingerprint)))
    const joined = {
      members: [...near.flatMap(({ members }) => members), one],
      known: new Set([...near.flatMap(({ known }) => [...known]), ...own]),
    }
    const [first] = near
    groups = first
      ? groups.flatMap((group) => (group === first ? [joined] : near.includes(group) ? [] : [group]))
      : [...groups, joined]
  }
  return groups.map(({ members }) => members)
}

function fingerprintsAt({ host, trusted }: FoundAuthority, path: string): ReadonlySet<string> {
  try {
    return fingerprintsOf(trusted)
  } catch (error) {
    throw new UserError('step', `${path} is not a certificate`, {
      host,
      why: String(error),
      next: 'restore the file from a backup',
    })
  }
}
