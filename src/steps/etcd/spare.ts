import type { Context } from '../../cluster/context.js'
import { etcdOrder, peerUrlOf, shownName, withEtcd } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import { restartingProblem } from '../../kubernetes/etcd/quorum.js'
import { isBug, messageOf, UserError } from '../../lib/errors.js'
import { memberState } from './member-state.js'

/** How long the other members may take to be well before one is restarted, and it to be well after. */
const healthyMs = 60_000
/** An election passes sooner: a member that has had no leader for so long is in no quorum. */
const electionMs = 15_000
const everyMs = 250

/**
 * Waits until the others do without this member. A look that fails is not yet an answer: where none succeeds, the member's own
 * word is needed that it is in no quorum.
 * Throws UserError('step') when the others cannot do without it, or when that is not known.
 */
export async function untilSpare(context: Context, machine: Machine): Promise<void> {
  const { spec } = machine
  const since = (then: number): number => context.now().getTime() - then
  const began = context.now().getTime()
  let problem: string | undefined
  let unread = ''
  let outside: number | undefined
  for (;;) {
    try {
      problem = await problemNow(context, spec)
      if (problem === undefined) return
      outside = undefined
    } catch (error) {
      if (isBug(error)) throw error
      unread = messageOf(error)
      const { inside, why } = await ownWord(machine)
      unread += why
      outside = inside ? undefined : (outside ?? context.now().getTime())
      if (problem === undefined && outside !== undefined && since(outside) > electionMs) return
    }
    // a member that said so already is looked at to the end
    if (since(began) > healthyMs && (problem !== undefined || outside === undefined))
      throw new UserError(
        'step',
        problem === undefined
          ? `etcd on ${spec.name} is not restarted: whether that would cost the quorum is not known`
          : `restarting etcd on ${spec.name} now would cost the quorum`,
        {
          host: spec.name,
          why: problem ?? unread,
          next: 'restore the other members first (kubestrap status lists them)',
        },
      )
    await context.sleep(everyMs)
  }
}

/** Whether a member may be in a quorum, by its own word; one that says nothing may. */
async function ownWord(machine: Machine): Promise<{ inside: boolean; why: string }> {
  try {
    return { inside: (await memberState(machine)) === 'following', why: '' }
  } catch (error) {
    if (isBug(error)) throw error
    return { inside: true, why: `; ${messageOf(error)}` }
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
