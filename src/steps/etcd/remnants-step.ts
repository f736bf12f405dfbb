import type { Context } from '../../cluster/context.js'
import { etcdOrder, peerUrlOf, withEtcd } from '../../cluster/etcd/access.js'
import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import { hostsWithRole } from '../../inventory/select.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { remnants } from '../../kubernetes/etcd/member-work.js'
import { removeMember } from './remove-member.js'

export const remnantsId = 'etcd-remnants'

/**
 * Etcd has no member that was added for a host the inventory has no more and that never started: nobody will
 * start it, and it would count. Members that have lived are left alone; `reset` takes them out.
 */
export function remnantsStep(
  context: Context,
  members: () => Promise<readonly EtcdMember[]>,
  needs: readonly Need[] = [`${clusterTarget}/api-ready`],
): Step<readonly EtcdMember[]> {
  // also of those that are away
  const urls = hostsWithRole(context.spec, context.etcdHosts ? 'etcd' : 'control-plane').map(peerUrlOf)
  return {
    id: remnantsId,
    title: 'etcd members that never started',
    target: clusterTarget,
    needs,
    probe: members,
    diff: (known) =>
      remnants(known, urls).map(({ id, peerUrls }) => ({
        kind: 'remove',
        summary: `remove etcd member ${id} (${peerUrls.join(', ')}), which never started and is not in the inventory`,
      })),
    apply: () =>
      withEtcd(etcdOrder(context), async ({ client }) => {
        for (const { id } of remnants(await client.members(), urls)) await removeMember(context, client, id)
      }),
    disrupts: () => 'etcd',
  }
}
