import type { Phase } from '../engine/phase.js'
import type { Need } from '../engine/step.js'
import { selinuxLabels } from '../resources/selinux-labels.js'
import { type Context, nodes } from './context.js'
import { isControlPlane, type Machine } from './machine.js'

/**
 * INPUTS: facts on SELinux, etcd.dataDir.
 * OUTPUTS: manifests, keys and etcd's data with labels by which containers may read and write them, also where the
 * runtime labels containers. The mode of SELinux stays what it is.
 */
export const selinux: Phase<Context> = {
  id: 'selinux',
  title: 'SELinux',
  about: 'Where SELinux is on: labels of /etc/kubernetes and of the data directory of etcd.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      if (!hasSelinux(machine)) return []
      const { host } = machine
      const { etcd } = context.spec
      const data = isControlPlane(machine) && !etcd.external ? etcd.dataDir : undefined
      const made = ['/etc/kubernetes/manifests', ...(data === undefined ? [] : [data])]
      return [
        selinuxLabels(
          host,
          {
            directories: ['/etc/kubernetes', ...(data === undefined ? [] : [data])],
            ...(data === undefined ? {} : { data }),
          },
          [`${host.name}/packages:node`, ...made.map((path) => `${host.name}/directory:${path}`)],
        ),
      ]
    }),
}

/** Whether SELinux decides on a machine. A container has its host's, and no labels of its own. */
export function hasSelinux({ facts, os }: Machine): boolean {
  return facts.selinux !== 'disabled' && facts.container === 'none' && os.packages.selinux.length > 0
}

/** What must be there before etcd writes its data. */
export const selinuxNeeds = (machine: Machine): Need[] =>
  hasSelinux(machine) ? [`${machine.host.name}/selinux-labels`] : []
