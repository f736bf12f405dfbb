import type { OperatingSystem, System } from './os.js'
import { rhelLike } from './rhel.js'

/** Fedora, whose own packages have the container runtimes. versionlock is a command of its dnf 5 (from Fedora 41 on). */
const fedora: OperatingSystem = {
  ...rhelLike,
  id: 'fedora',
  packages: { ...rhelLike.packages, docker: ['moby-engine'], containerd: ['containerd'] },
  elsewhere: [],
  holdNeeds: [],
}

export const fedoraSystem: System = {
  id: 'fedora',
  known: ['41', '42', '43', '44'],
  of: () => fedora,
}
