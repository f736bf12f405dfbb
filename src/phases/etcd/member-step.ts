import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { type LocalEtcd, type MemberWork, memberWork } from '../../kubernetes/etcd/member-work.js'
import { UserError } from '../../lib/errors.js'
import type { Context } from '../context.js'
import { nodeEvidence } from '../evidence.js'
import { kubeletUnit } from '../kubelet-unit.js'
import type { Machine } from '../machine.js'
import { manifestPath } from '../manifest-step.js'
import { etcdOrder, peerUrlOf, withEtcd } from './access.js'
import { giveVote } from './give-vote.js'
import { patiently } from './patiently.js'
import { remnantsId } from './remnants-step.js'

export const etcdMemberId = 'etcd-member'

/** What a look at a control plane and at etcd found. */
interface Seen {
  members: readonly EtcdMember[]
  local: LocalEtcd
}

/**
 * A control plane has an etcd member with a vote. Members come one at a time across the cluster: added as a
 * learner, told by its manifest what the cluster is, started by the kubelet, given its vote when it has caught up.
 * Whatever of that an earlier run did is found by the member's peer URL and gone on with.
 * @param members lists etcd's members; shared by the steps of one phase
 */
export function etcdMemberStep(
  context: Context,
  machine: Machine,
  members: () => Promise<readonly EtcdMember[]>,
): Step<Seen> {
  const { host, spec } = machine
  const own = { name: spec.name, peerUrl: peerUrlOf(spec), dataDir: context.spec.etcd.dataDir }
  const workFor = ({ members: known, local }: Seen): MemberWork => memberWork(own, known, local)
  return {
    id: etcdMemberId,
    title: `etcd member ${spec.name}`,
    target: host.name,
    needs: needsOf(context, machine),
    evidence: () => nodeEvidence(context, machine),
    probe: async () => {
      const [known, local] = await Promise.all([members(), lookLocal(context, machine)])
      return { members: known, local }
    },
    diff: (seen) => {
      const work = workFor(seen)
      if (work.kind === 'refuse')
        throw new UserError('step', `${spec.name} cannot become an etcd member`, { host: host.name, ...work })
      const said = sentences(work, spec.name)
      return said === undefined ? [] : [{ summary: said }]
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
    disrupts: () => 'etcd',
  }
}

/** The kubelet runs, its files are there, and those whom an earlier run began with come first. */
function needsOf({ planes, spec: { etcd } }: Context, { spec: { name } }: Machine): Need[] {
  const before = planes.halfAdded.has(name)
    ? []
    : [...planes.halfAdded].filter((other) => other !== planes.leader?.spec.name)
  return [
    `${clusterTarget}/${remnantsId}`,
    `${name}/service:${kubeletUnit}`,
    `${name}/directory:${etcd.dataDir}`,
    `${name}/@pki`,
    ...before.map((other) => `${other}/${etcdMemberId}`),
  ]
}

async function lookLocal({ spec }: Context, { host }: Machine): Promise<LocalEtcd> {
  const [data, manifest] = await Promise.all([
    host.stat(`${spec.etcd.dataDir}/member`),
    host.stat(manifestPath('etcd'), { content: true }),
  ])
  return {
    data: data.kind !== 'absent',
    manifest: manifest.kind === 'file' ? (manifest.content?.toString() ?? '') : undefined,
  }
}

function sentences(work: MemberWork, name: string): string | undefined {
  switch (work.kind) {
    case 'add':
      return `add ${name} to etcd`
    case 'complete':
      return `start ${name}'s etcd member, which an earlier run added${work.learner ? ', and give it its vote' : ''}`
    case 'promote':
      return `give ${name}'s etcd member its vote`
    case 'replace':
      return `replace etcd member ${work.name} (id ${work.id}), whose data is gone, by a new one`
    default:
      return undefined
  }
}
