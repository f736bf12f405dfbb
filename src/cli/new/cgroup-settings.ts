import type { Look } from '../../inventory/new/sight.js'
import { sightOf } from '../../inventory/new/sight.js'
import type { WantedHost } from '../../inventory/new/wanted-hosts.js'
import { releaseFor } from '../../kubernetes/releases/index.js'

/** Settings of the kubelet that machines require, and what to say of them: sentences without a full stop. */
export interface CgroupSettings {
  kubeletConfig: Readonly<Record<string, boolean>>
  notes: readonly string[]
}

/**
 * Without which settings kubelets of a version do not start on these machines, by the version of control groups that
 * each has mounted. Pure.
 */
export function cgroupSettings(
  hosts: readonly { wanted: WantedHost; look: Look }[],
  version: string,
): CgroupSettings {
  const { minor, kubelet } = releaseFor(version)
  const config: Record<string, boolean> = {}
  const notes: string[] = []
  for (const cgroup of ['v1', 'v2'] as const) {
    const support = kubelet.cgroups[cgroup]
    const on = hosts
      .filter(({ wanted, look }) => isNode(wanted) && sightOf(look)?.cgroup === cgroup)
      .map(({ wanted: { target } }) => target)
    if (on.length === 0 || typeof support === 'string') continue
    config[support.refusedUnless] = false
    notes.push(
      `cgroup ${cgroup} on ${on.join(', ')}: the kubelet of Kubernetes ${minor} does not start there by default, so kubelet.config has ${support.refusedUnless}: false; better: boot with systemd.unified_cgroup_hierarchy=1, and remove the setting`,
    )
  }
  return { kubeletConfig: config, notes }
}

const isNode = ({ roles }: WantedHost): boolean => roles.includes('control-plane') || roles.includes('worker')
