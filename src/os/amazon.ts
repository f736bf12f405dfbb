import type { OperatingSystem, System } from './os.js'
import { rhelLike } from './rhel.js'

/**
 * Amazon Linux 2023, whose own packages have the container runtimes. Where its cni-plugins lie was found in no
 * documentation: a link to a wrong place is refused where a file is, and told by the first Pod where none is.
 */
const amazon: OperatingSystem = {
  ...rhelLike,
  id: 'amazon',
  packages: {
    ...rhelLike.packages,
    docker: ['docker'],
    containerd: ['containerd'],
    cniPlugins: ['cni-plugins'],
  },
  elsewhere: ['etcd'],
}

export const amazonSystem: System = {
  id: 'amzn',
  known: ['2023'],
  since: { version: 2023, why: 'its package manager is yum, without dnf' },
  of: () => amazon,
}
