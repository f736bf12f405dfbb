import { type Etcd, peerUrlOf, shownName, withEtcd } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import { NotYet } from '../../engine/late.js'
import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import type { HostSpec } from '../../inventory/spec.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import { removingProblem, type Voter } from '../../kubernetes/etcd/quorum.js'
import type { Clock } from '../../lib/clock.js'
import { UserError } from '../../lib/errors.js'
import { removeMember } from '../etcd/remove-member.js'

export const memberGoneId = (name: string): string => `reset:etcd-member:${name}`

interface Seen {
  member: EtcdMember | undefined
  voters: readonly Voter[]
  /** Nobody who stays has joined, and this one has data. */
  alone?: boolean
}

/**
 * Etcd has no member of a machine that leaves: while it still runs, so that the others never wait for one
 * that is away. Refused, before anything is done, when the others could not go on without it.
 * @param machine undefined when it is out of reach for good
 * @param staying machines with members that stay, one of which is asked
 * @param earlier hosts whose members leave before this one
 */
export function memberGoneStep(
  clock: Clock,
  leaving: HostSpec,
  machine: Machine | undefined,
  dataDir: string,
  staying: readonly Machine[],
  earlier: readonly HostSpec[] = [],
  needs: readonly Need[] = [],
): Step<Seen> {
  const gone = earlier.map(peerUrlOf)
  const look = async ({ client, voters }: Etcd): Promise<Seen> => {
    const members = (await client.members()).filter(
      ({ peerUrls }) => !peerUrls.some((url) => gone.includes(url)),
    )
    const member = members.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(leaving)))
    return { member, voters: member ? await voters(members) : [] }
  }
  return {
    id: memberGoneId(leaving.name),
    title: `etcd member of ${leaving.name}`,
    target: clusterTarget,
    needs,
    guards: true,
    // one that was the leader is missed for an election
    settle: { withinMs: 30_000, everyMs: 250 },
    probe: async () => {
      try {
        return await withEtcd(staying, look)
      } catch (error) {
        if (!(error instanceof NotYet)) throw error
        const data = await machine?.host.stat(`${dataDir}/member`)
        return { member: undefined, voters: [], alone: data !== undefined && data.kind !== 'absent' }
      }
    },
    diff: (seen) => {
      if (seen.alone)
        throw new UserError('step', `${leaving.name} has the only member of its etcd`, {
          host: leaving.name,
          why: `the other hosts in the inventory (${staying.map(({ spec }) => spec.name).join(', ')}) have not joined yet`,
          next: 'run kubestrap up first; or, to give up the cluster and its data, name all hosts',
        })
      if (!seen.member) return []
      refuse(leaving, seen.member, seen.voters)
      return [{ kind: 'remove', summary: `remove etcd member ${shownName(seen.member)}` }]
    },
    apply: () =>
      withEtcd(staying, async (etcd) => {
        // others may have been removed since
        const { member, voters } = await look(etcd)
        if (!member) return
        refuse(leaving, member, voters)
        await removeMember(clock, etcd.client, member.id)
      }),
    disrupts: () => 'etcd',
  }
}

/**
 * The same for a host that has no role for a member, by which it may have one of an earlier inventory: where it has a
 * member's data, or is out of reach. Of any other etcd is not asked, so that it is cleared also while etcd does not answer.
 */
export function formerMemberStep(
  clock: Clock,
  leaving: HostSpec,
  machine: Machine | undefined,
  dataDir: string,
  staying: readonly Machine[],
  needs: readonly Need[],
): Step<Seen> {
  const step = memberGoneStep(clock, leaving, machine, dataDir, staying, [], needs)
  return {
    ...step,
    probe: async () => {
      const data = await machine?.host.stat(writeAheadLog(dataDir))
      return data?.kind === 'absent' ? { member: undefined, voters: [] } : step.probe()
    },
  }
}

/**
 * The same look before anything is changed, also where the removal itself has to wait for something: a host that may not
 * leave is not drained either.
 */
export const mayLeaveStep = <T>(removal: Step<T>, { name }: HostSpec): Step<T> => ({
  id: `reset:etcd-check:${name}`,
  title: `etcd can spare ${name}`,
  target: clusterTarget,
  needs: [],
  guards: true,
  probe: removal.probe,
  diff: (seen) => {
    // for what it refuses
    removal.diff(seen)
    return []
  },
  apply: async () => {},
})

function refuse({ name }: HostSpec, member: EtcdMember, voters: readonly Voter[]): void {
  const problem = member.learner ? undefined : removingProblem(voters, shownName(member))
  if (problem)
    throw new UserError('step', `removing ${name} would cost the etcd quorum`, {
      host: name,
      why: problem,
      next: 'restore the other members first (kubestrap status lists them); to give up the cluster, reset all its hosts',
    })
}
