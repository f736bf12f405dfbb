import type { Context } from '../cluster/context.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { at, listAt, textAt } from '../kubernetes/read.js'

/** A component of the control plane: what runs of it, and which instance leads. */
export interface ComponentRow {
  name: string
  /** Versions of its instances, as their images' tags say; two while an upgrade goes on, [] while none runs. */
  versions: readonly string[]
  /** The node whose instance leads; '' where nobody does, undefined where all work at once. */
  leader: string | undefined
  /** Seconds since it renewed its lease, by its own clock; undefined without a lease. */
  renewedSecondsAgo: number | undefined
  /** The lease ran out: its holder is gone, and another has not taken it yet. */
  expired: boolean
}

const electing = ['kube-controller-manager', 'kube-scheduler']

/** The API servers, and who leads of the scheduler and the controller manager, from their Leases in kube-system. */
export async function componentRows(context: Context): Promise<ComponentRow[]> {
  const kube = await context.kube()
  const ask = (name: string): Promise<Json | undefined> =>
    kube.get({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-system' },
    })
  const [pods, ...leases] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, 'kube-system', 'labelSelector=tier%3Dcontrol-plane'),
    ...electing.map(ask),
  ])
  const plain = { leader: undefined, renewedSecondsAgo: undefined, expired: false }
  return [
    { name: 'kube-apiserver', versions: versionsOf(pods, 'kube-apiserver'), ...plain },
    ...electing.map((name, i) => ({
      name,
      versions: versionsOf(pods, name),
      ...leaderOf(context, leases[i]),
    })),
  ]
}

function versionsOf(pods: readonly Json[], component: string): string[] {
  const tags = pods
    .filter((pod) => textAt(pod, 'metadata', 'labels', 'component') === component)
    .flatMap(
      (pod) =>
        textAt(listAt(pod, 'spec', 'containers')[0], 'image')
          .split(':')
          .at(-1) ?? [],
    )
  return [...new Set(tags)].sort()
}

function leaderOf(
  { machines, now }: Context,
  lease: Json | undefined,
): Pick<ComponentRow, 'leader' | 'renewedSecondsAgo' | 'expired'> {
  // "cp1_6a2e…": the host's name and something to tell one start from another
  const leader = textAt(lease, 'spec', 'holderIdentity').split('_')[0] ?? ''
  const renewed = Date.parse(textAt(lease, 'spec', 'renewTime'))
  if (leader === '' || Number.isNaN(renewed)) return { leader, renewedSecondsAgo: undefined, expired: false }
  const skewMs = machines.find(({ spec }) => spec.name === leader)?.facts.clockSkewMs ?? 0
  const seconds = Math.max(0, (now().getTime() + skewMs - renewed) / 1000)
  const duration = at(lease, 'spec', 'leaseDurationSeconds')
  return {
    leader,
    renewedSecondsAgo: Math.round(seconds),
    expired: typeof duration === 'number' && seconds > duration,
  }
}
