import type { OperatingSystem, System } from './os.js'
import { repositoryId } from './repository.js'

const none = 'echo "Flatcar has no package manager: /usr is an image" >&2; exit 1'

/**
 * Flatcar Container Linux: /usr is an image, read-only and exchanged as a whole. It brings containerd, Docker, socat,
 * conntrack and ethtool; programs go to /opt/bin, or come as a system extension (systemd-sysext(8)).
 */
const flatcar: OperatingSystem = {
  id: 'flatcar',
  installedPackages: 'exit 0',
  installPackages: none,
  downloadPackages: none,
  removePackages: none,
  offeredVersion: 'return 0',
  availableVersions: 'return 0',
  versionSeparator: '=',
  packageFormat: 'rpm',
  owningPackage: 'return 0',
  heldPackages: 'exit 0',
  holdPackages: none,
  releasePackages: none,
  holdNeeds: [],
  needsSuite: false,
  repository: (wish) => ({
    id: repositoryId(wish),
    key: '',
    definition: { path: '', content: '' },
    besides: [],
  }),
  trustKey: none,
  trustedKeys: 'exit 0',
  distrustKeys: none,
  readRepository: none,
  packages: {
    docker: [],
    containerd: [],
    cniPlugins: [],
    kubeletNeeds: [],
    haproxy: [],
    keepalived: [],
    etcd: [],
    selinux: [],
  },
  elsewhere: [],
  timeSync: [],
  kernelModules: 'another release of the image',
  cniPluginDirectory: '/opt/cni/bin',
  kubeletDefaults: '/etc/default/kubelet',
  imageBased: {
    why: '/usr is part of its image, and kubestrap installs packages and puts programs into /usr/bin and /usr/local/bin',
    next: 'use another system for this host; programs in /opt/bin and system extensions (systemd-sysext) are not supported yet. exec, facts and the checks work',
  },
}

export const flatcarSystem: System = { id: 'flatcar', known: ['*'], of: () => flatcar }
