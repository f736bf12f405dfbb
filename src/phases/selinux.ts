import { type Context, nodes } from '../cluster/context.js'
import { isControlPlane } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { selinuxLabels } from '../resources/selinux-labels.js'
import { hasSelinux } from '../steps/host/selinux.js'

/**
 * INPUTS: facts on SELinux, etcd.dataDir.
 * OUTPUTS: manifests, keys and the data of etcd with labels that allow containers to read and write, also where
 * the runtime labels containers. The mode of SELinux stays what it is.
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
