import type { Context } from '../../cluster/context.js'
import { etcdOrder, peerUrlOf, withEtcd } from '../../cluster/etcd/access.js'
import type { Machine } from '../../cluster/machine.js'
import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import { type LocalEtcd, type MemberWork, memberWork } from '../../kubernetes/etcd/member-work.js'
import { UserError } from '../../lib/errors.js'
import { giveVote } from './give-vote.js'
import { homeOf } from './home.js'
import { patiently } from './patiently.js'
import { remnantsId } from './remnants-step.js'

export const etcdMemberId = 'etcd-member'

/** What a look at a machine and at etcd found. */
interface Seen {
  members: readonly EtcdMember[]
  local: LocalEtcd
}

/**
 * A machine has an etcd member with a vote. Members come one at a time across the cluster: added as a learner,
 * told by its manifest or unit what the cluster is, started, given its vote when it has caught up. Whatever of
 * that an earlier run did is found by the member's peer URL and gone on with.
 * @param members lists etcd's members; shared by the steps of one phase
 * @param after what must be there before any is added
 */
export function etcdMemberStep(
  context: Context,
  machine: Machine,
  members: () => Promise<readonly EtcdMember[]>,
  after: readonly Need[] = [],
): Step<Seen> {
  const { host, spec } = machine
  const own = { name: spec.name, peerUrl: peerUrlOf(spec), dataDir: context.spec.etcd.dataDir }
  const workFor = ({ members: known, local }: Seen): MemberWork => memberWork(own, known, local)
  return {
    id: etcdMemberId,
    title: `etcd member ${spec.name}`,
    target: host.name,
    needs: [...needsOf(context, machine), ...after],
    evidence: (ageMs) => homeOf(context, machine).evidence(ageMs),
    probe: async () => {
      const [known, local] = await Promise.all([members(), lookLocal(context, machine)])
      return { members: known, local }
    },
    diff: (seen) => {
      const work = workFor(seen)
      if (work.kind === 'refuse')
        throw new UserError('step', `${spec.name} cannot become an etcd member`, { host: host.name, ...work })
      const said = sentences(work, spec.name)
      return said === undefined ? [] : [{ kind: 'join', summary: said }]
    },
    apply: (_changes, { progress }) =>
      withEtcd(etcdOrder(context), async (etcd) => {
        // it may have waited at the gate while others joined
        const [known, local] = await Promise.all([
          patiently(context, () => etcd.client.members()),
          lookLocal(context, machine),
        ])
        await giveVote(context, machine, etcd, workFor({ members: known, local }), progress)
      }),
    adds: true,
    disrupts: () => 'etcd',
  }
}

/** What it runs by is there, and those whom an earlier run began with come first. */
function needsOf(context: Context, machine: Machine): Need[] {
  const { halfAdded } = context.etcdHosts ?? context.planes
  const [first] = etcdOrder(context)
  const before = halfAdded.has(machine.spec.name)
    ? []
    : [...halfAdded].filter((other) => other !== first?.spec.name)
  return [
    `${clusterTarget}/${remnantsId}`,
    ...homeOf(context, machine).needs,
    ...before.map((other) => `${other}/${etcdMemberId}`),
  ]
}

async function lookLocal(context: Context, machine: Machine): Promise<LocalEtcd> {
  const { host } = machine
  const [data, told] = await Promise.all([
    host.stat(writeAheadLog(context.spec.etcd.dataDir)),
    host.stat(homeOf(context, machine).file, { content: true }),
  ])
  return {
    data: data.kind !== 'absent',
    manifest: told.kind === 'file' ? (told.content?.toString() ?? '') : undefined,
  }
}

function sentences(work: MemberWork, name: string): string | undefined {
  switch (work.kind) {
    case 'add':
      return `add ${name} to etcd`
    case 'complete':
      return `start ${name}'s etcd member, which an earlier run added${work.learner ? ', and promote it' : ''}`
    case 'promote':
      return `promote ${name}'s etcd member to a voting member`
    case 'replace':
      return `replace etcd member ${work.name} (id ${work.id}), whose data is gone, with a new member`
    default:
      return undefined
  }
}
