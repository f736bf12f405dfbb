import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import type { VersionWish } from './hops.js'

/**
 * Throws what a run has to say of a wished version that it does not go to: UserError('inventory') where it is refused or takes
 * several hops, 'connection' where it could not be checked what runs. Nothing for every other wish.
 * @param spec whose place of kubernetes.version is named
 */
export function refuseWish(spec: Pick<ClusterSpec, 'at'>, wish: VersionWish): void {
  if (wish.kind === 'refused') {
    const { reason, what, why, next } = wish
    const kind = reason === 'unknown-version' ? 'connection' : 'inventory'
    throw new UserError(kind, what, { why: `${why}\n${spec.at('kubernetes.version')}`, next })
  }
  if (wish.kind !== 'minors') return
  const list = wish.hops.map(({ from, to, available, untested }) => {
    const notes = [...(untested ? ['untested'] : []), ...(available ? [] : ['not in the source'])]
    return `${from} → ${to}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  })
  throw new UserError('inventory', `Kubernetes ${wish.hops.at(-1)?.to} is ${list.length} hops away`, {
    why: `${list.join('\n')}\n${spec.at('kubernetes.version')}`,
    next: `nothing was changed; kubestrap up --hops makes the hops one after the other, each verified before the next; or set kubernetes.version to ${wish.hops[0]?.to} first; kubestrap upgrade plan shows what each interrupts`,
  })
}
