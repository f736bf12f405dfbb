import { type Context, followers } from '../cluster/context.js'
import { etcdOrder, withEtcd } from '../cluster/etcd/access.js'
import type { Phase } from '../engine/phase.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { etcdMemberStep } from '../steps/etcd/member-step.js'
import { remnantsStep } from '../steps/etcd/remnants-step.js'

/**
 * INPUTS: an API that answers, and kubelets that run on the control plane nodes that join.
 * OUTPUTS: a voting etcd member on every control plane node, added one at a time, and no half-added member.
 */
export const etcdMembers: Phase<Context> = {
  id: 'etcd-members',
  title: 'etcd members',
  about: 'Control plane nodes join etcd one at a time, as learners that are promoted when they are in sync.',
  steps: (context) => {
    if (context.spec.etcd.external) return []
    const members = oncePerTurn(() => withEtcd(etcdOrder(context), ({ client }) => client.members()))
    return [
      remnantsStep(context, members),
      ...followers(context).map((machine) => etcdMemberStep(context, machine, members)),
    ]
  },
}
