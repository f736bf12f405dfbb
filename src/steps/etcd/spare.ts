import type { Context } from '../../cluster/context.js'
import { etcdOrder, peerUrlOf, shownName, withEtcd } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import { restartingProblem } from '../../kubernetes/etcd/quorum.js'
import { isBug, UserError } from '../../lib/errors.js'

/** How long the other members may take to be well before one is restarted, and it to be well after. */
const healthyMs = 60_000
/** When nobody answered in so long, nobody does: there is no quorum to lose. An election passes sooner. */
const silentMs = 15_000
const everyMs = 250

/**
 * Waits until the others do without this member. A look that fails is not yet an answer.
 * Throws UserError('step') when they cannot.
 */
export async function untilSpare(context: Context, { spec }: Machine): Promise<void> {
  const began = context.now().getTime()
  let seen: string | undefined
  for (;;) {
    try {
      seen = await problemNow(context, spec)
      if (seen === undefined) return
    } catch (error) {
      if (isBug(error)) throw error
      if (seen === undefined && context.now().getTime() > began + silentMs) return
    }
    if (seen !== undefined && context.now().getTime() > began + healthyMs)
      throw new UserError('step', `restarting etcd on ${spec.name} now would cost the quorum`, {
        host: spec.name,
        why: seen,
        next: 'restore the other members first (kubestrap status lists them)',
      })
    await context.sleep(everyMs)
  }
}

function problemNow(context: Context, spec: Machine['spec']): Promise<string | undefined> {
  return withEtcd(etcdOrder(context), async ({ client, voters }) => {
    const members = await client.members()
    const own = members.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(spec)))
    return own && restartingProblem(await voters(members), shownName(own))
  })
}

/**
 * Waits until this member takes part in reads that need a quorum: it says so itself. (The API server beside it may
 * answer with what it last knew of it, from Kubernetes 1.26 on.)
 * @param watch throws as soon as it is known that waiting is in vain
 */
export async function untilWell(
  context: Context,
  machine: Machine,
  watch: () => Promise<void>,
): Promise<void> {
  const deadline = context.now().getTime() + healthyMs
  for (;;) {
    try {
      return await withEtcd([machine], ({ client }) => client.health())
    } catch (error) {
      if (isBug(error) || context.now().getTime() > deadline) throw error
    }
    await watch()
    await context.sleep(everyMs)
  }
}
