import type { Context } from '../../cluster/context.js'
import { type CrashWatch, crashWatch } from '../../cluster/crash-watch.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import { isEtcdHost, type Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'
import type { Founding } from '../../kubernetes/etcd/initial-cluster.js'
import { beginningMark, etcdUnit, etcdUnitFile, etcdUnitText } from '../../kubernetes/etcd/unit.js'
import { enableUnit } from '../../resources/enable-unit.js'
import { markDirectory, podMark, removeMark } from '../../resources/marks.js'
import { lastWords } from '../../resources/service.js'
import { selinuxNeeds } from '../host/selinux.js'
import { manifestPath } from '../static-pods/manifest-path.js'
import { manifestText } from '../static-pods/manifest-step.js'
import { etcdInstallNeeds, etcdProgram } from './install-steps.js'
import { stopDeadMember } from './stop-dead-member.js'

/** What runs a machine's member: a kubelet by a static pod's manifest, or systemd by a unit. */
export interface MemberHome {
  /** What must be done on the machine before its member may be added. */
  needs: readonly Need[]
  /** The file that tells the member of its cluster. */
  file: string
  /** Tells a new member of its cluster and has it started, without waiting for it. Safe to repeat. */
  begin(founding: Required<Founding>): Promise<void>
  /** Ends a member whose data is gone, for good, and clears what it has begun to write since. */
  end(): Promise<void>
  /** Throws, while the member is waited for, as soon as it exits after each start. */
  watch(): CrashWatch
  /** What the machine tells of a member that does not come. */
  evidence(ageMs: number): Promise<string>
}

export const homeOf = (context: Context, machine: Machine): MemberHome =>
  isEtcdHost(machine) ? unitHome(context, machine) : podHome(context, machine)

/** A member beside an API server: a static pod. */
function podHome(context: Context, machine: Machine): MemberHome {
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

/** A member on a host of its own: a unit. */
function unitHome(context: Context, machine: Machine): MemberHome {
  const { host, spec } = machine
  const { etcd } = context.spec
  return {
    file: etcdUnitFile,
    needs: [
      ...etcdInstallNeeds(context, machine),
      `${spec.name}/directory:${etcd.dataDir}`,
      `${spec.name}/@pki`,
    ],
    begin: async (founding) => {
      const content = etcdUnitText(context.spec, spec, etcdProgram(context), founding)
      const there = await host.stat(etcdUnitFile, { content: true })
      const told = there.kind === 'file' && there.content?.toString() === content
      await host.write({ path: beginningMark, content: '', mode: '0644' })
      if (!told) await host.write({ path: etcdUnitFile, content, mode: '0644' })
      await host.mutate({
        what: `start ${etcdUnit}`,
        script: `${enableUnit}
enable_unit "$1" || exit 1
systemctl reset-failed -- "$1" 2>/dev/null
systemctl "$2" --no-block -- "$1" && rm -f -- "$3/$1"`,
        args: [etcdUnit, told ? 'start' : 'restart', markDirectory],
        ledger: [`enabled ${etcdUnit}`, `tree ${etcd.dataDir}`],
        timeoutMs: 30_000,
      })
    },
    end: async () => {
      await host.mutate({
        what: `stop ${etcdUnit}, and remove the data of the failed start`,
        // its directory is empty but for what it wrote since it lost its data
        script: `if [ "$(systemctl show -p LoadState --value -- "$1")" = loaded ]; then systemctl stop -- "$1" || exit 1; fi
rm -rf -- "$2/member"`,
        args: [etcdUnit, etcd.dataDir],
        timeoutMs: 120_000,
      })
    },
    watch: () => crashWatch(context, machine, [], etcdUnit),
    evidence: (ageMs) => lastWords(host, etcdUnit, ageMs),
  }
}
