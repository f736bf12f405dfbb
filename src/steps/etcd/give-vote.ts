import type { Context } from '../../cluster/context.js'
import { type Etcd, peerUrlOf, shownName } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import { EtcdError, type EtcdMember } from '../../kubernetes/client/etcd.js'
import { joiningCluster } from '../../kubernetes/etcd/initial-cluster.js'
import { hasLearners, type MemberWork } from '../../kubernetes/etcd/member-work.js'
import { addingProblem, removingProblem, toleranceOf, type Voter } from '../../kubernetes/etcd/quorum.js'
import { UserError } from '../../lib/errors.js'
import { homeOf } from './home.js'
import { patiently } from './patiently.js'
import { removeMember } from './remove-member.js'

/** How long members that are there may take to be healthy before another is added. */
const healthyMs = 60_000
/** How long a new member may take to start and catch up: a kubelet lets what ended often wait five minutes. */
const inSyncMs = 360_000
const everyMs = 250

/** Does what is left until a machine's member votes and is healthy. Throws UserError('step') rather than risk the quorum. */
export async function giveVote(
  context: Context,
  machine: Machine,
  etcd: Etcd,
  work: MemberWork,
  progress: (text: string) => void,
): Promise<void> {
  const { client } = etcd
  if (work.kind === 'nothing' || work.kind === 'refuse') return
  if (work.kind === 'replace') await removeDead(context, machine, etcd, work)
  refuseOtherLearner(machine, await patiently(context, () => client.members()))
  await untilAllHealthy(context, machine, etcd)
  if (work.kind === 'add' || work.kind === 'replace') {
    const as = hasLearners(etcd.version) ? 'learner' : 'voter'
    progress(`adding it as a ${as === 'learner' ? 'learner' : 'voting member'}`)
    const own = peerUrlOf(machine.spec)
    await patiently(context, async () => {
      const there = (await client.members()).some(({ peerUrls }) => peerUrls.includes(own))
      if (!there) await client.add(own, as)
    })
  }
  if (work.kind !== 'promote')
    // what it is told must be what etcd has, or it refuses to start
    await homeOf(context, machine).begin(
      joiningCluster(await patiently(context, () => client.members()), {
        name: machine.spec.name,
        peerUrl: peerUrlOf(machine.spec),
      }),
    )
  await untilVoting(context, machine, etcd, progress)
}

/** A member that was this machine's and has lost its data will never answer again; it must not count when its successor comes. */
async function removeDead(
  context: Context,
  machine: Machine,
  { client, voters }: Etcd,
  { id, name, learner }: { id: string; name: string; learner: boolean },
): Promise<void> {
  const problem = learner ? undefined : removingProblem(await voters(await client.members()), name)
  if (problem)
    throw new UserError(
      'step',
      `etcd member ${name} has lost its data, and replacing it now would cost the quorum`,
      {
        host: machine.spec.name,
        why: problem,
        next: 'restore the other members first (kubestrap status lists them)',
      },
    )
  await homeOf(context, machine).end()
  await removeMember(context, client, id)
}

/** etcd has one learner at a time (ErrGRPCTooManyLearners). */
function refuseOtherLearner(machine: Machine, members: readonly EtcdMember[]): void {
  const own = peerUrlOf(machine.spec)
  const other = members.find(({ learner, peerUrls }) => learner && !peerUrls.includes(own))
  if (!other) return
  throw new UserError('step', `etcd accepts one learner at a time and already has ${shownName(other)}`, {
    host: machine.spec.name,
    next: `add the host of ${shownName(other)} to the inventory, or remove the member: etcdctl member remove ${other.id}`,
  })
}

async function untilAllHealthy(context: Context, machine: Machine, { client, voters }: Etcd): Promise<void> {
  const own = peerUrlOf(machine.spec)
  const deadline = context.now().getTime() + healthyMs
  for (;;) {
    // its own may be there and not started; without learners that is what it waits for
    const members = await patiently(context, () => client.members())
    const others = members.filter(({ peerUrls }) => !peerUrls.includes(own))
    const seen: Voter[] = await voters(others)
    const problem = addingProblem(seen)
    if (problem === undefined) return
    if (context.now().getTime() > deadline)
      throw new UserError('step', 'etcd accepts no new voting member while another member does not answer', {
        host: machine.spec.name,
        why: `${problem}; ${seen.length} tolerate the loss of ${toleranceOf(seen.length)}`,
        next: 'restore that member; or, if its host is lost, remove the member (kubestrap reset --gone NAME, or its address where the inventory no longer lists the host); then run up again',
      })
    await context.sleep(everyMs)
  }
}

/** Waits until the member has started and caught up, gives it its vote, and waits until it answers. */
async function untilVoting(
  context: Context,
  machine: Machine,
  { client, health }: Etcd,
  progress: (text: string) => void,
): Promise<void> {
  const own = peerUrlOf(machine.spec)
  const deadline = context.now().getTime() + inSyncMs
  const watch = homeOf(context, machine).watch()
  let said = ''
  for (;;) {
    const member = (await patiently(context, () => client.members())).find(({ peerUrls }) =>
      peerUrls.includes(own),
    )
    const missing =
      member === undefined ? 'etcd lists the new member' : await promoteOrAsk(member, client, health)
    if (missing === undefined) return
    if (context.now().getTime() > deadline) throw new Error(`not within ${inSyncMs / 1000} s: ${missing}`)
    await watch()
    if (missing !== said) progress(`waiting: ${missing}`)
    said = missing
    await context.sleep(everyMs)
  }
}

/** What is still missing until it votes and answers. */
async function promoteOrAsk(
  member: EtcdMember,
  client: Etcd['client'],
  health: Etcd['health'],
): Promise<string | undefined> {
  if (member.name === '') return 'the member has started'
  if (member.learner)
    try {
      await client.promote(member.id)
      return 'the member answers'
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error
      if (error.notInSync) return 'the member is in sync with the leader'
      if (error.votesAlready || error.passing) return 'the member answers'
      throw error
    }
  return health(member).then(
    () => undefined,
    () => 'the member answers',
  )
}
