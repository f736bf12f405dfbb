import type { Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'

/** Whether SELinux decides on a machine. A container has its host's, and no labels of its own. */
export function hasSelinux({ facts, os }: Machine): boolean {
  return facts.selinux !== 'disabled' && facts.container === 'none' && os.packages.selinux.length > 0
}

/** What must be there before etcd writes its data. */
export const selinuxNeeds = (machine: Machine): Need[] =>
  hasSelinux(machine) ? [`${machine.host.name}/selinux-labels`] : []
