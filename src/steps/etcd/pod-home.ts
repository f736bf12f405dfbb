import type { Context } from '../../cluster/context.js'
import { crashWatch } from '../../cluster/crash-watch.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import { podMark, removeMark } from '../../resources/marks.js'
import { selinuxNeeds } from '../host/selinux.js'
import { manifestPath } from '../static-pods/manifest-path.js'
import { manifestText } from '../static-pods/manifest-step.js'
import type { MemberHome } from './home.js'
import { stopDeadMember } from './stop-dead-member.js'

/** A member beside an API server: a static pod. */
export function podHome(context: Context, machine: Machine): MemberHome {
  const { host, spec } = machine
  const file = manifestPath('etcd')
  return {
    file,
    needs: [
      `${spec.name}/service:${kubeletUnit}`,
      `${spec.name}/directory:${context.spec.etcd.dataDir}`,
      `${spec.name}/@pki`,
      ...selinuxNeeds(machine),
    ],
    begin: async (founding) => {
      const content = manifestText(context, machine, 'etcd', founding)
      const there = await host.stat(file, { content: true })
      if (there.kind === 'file' && there.content?.toString() === content) return
      await host.write({ path: file, content, mode: '0600' })
      // the kubelet makes the pod anew by itself; a mark of an earlier run has no more to say
      await removeMark(host, podMark('etcd'))
    },
    end: () => stopDeadMember(context, machine),
    watch: () => crashWatch(context, machine, ['etcd']),
    evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: ['etcd'] }),
  }
}
