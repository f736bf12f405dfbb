import type { Phase } from '../engine/phase.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { type Context, followers } from './context.js'
import { etcdOrder, withEtcd } from './etcd/access.js'
import { etcdMemberStep } from './etcd/member-step.js'
import { remnantsStep } from './etcd/remnants-step.js'

/**
 * INPUTS: an API that answers, kubelets that run on the control planes that join.
 * OUTPUTS: an etcd member with a vote on every control plane, added one at a time; no half-added ones.
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
