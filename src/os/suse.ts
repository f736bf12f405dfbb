import type { Facts } from '../host/facts/facts.js'
import type { OperatingSystem, System } from './os.js'
import { zypper } from './zypper/zypper.js'

/** openSUSE and SUSE Linux Enterprise Server, whose module Containers has the runtimes. */
const suse: OperatingSystem = {
  ...zypper,
  id: 'suse',
  packages: {
    docker: ['docker'],
    containerd: ['containerd'],
    cniPlugins: ['cni-plugins'],
    kubeletNeeds: ['conntrack-tools', 'ethtool', 'iproute2', 'iptables', 'socat', 'util-linux'],
    haproxy: ['haproxy'],
    keepalived: ['keepalived'],
    etcd: ['etcd', 'etcdctl'],
    selinux: ['container-selinux', 'policycoreutils-python-utils'],
  },
  elsewhere: [],
  timeSync: [{ id: 'chrony', packages: ['chrony'], unit: 'chronyd.service' }],
  kernelModules: 'the package kernel-default of the running kernel instead of kernel-default-base',
  cniPluginDirectory: '/usr/lib/cni',
  kubeletDefaults: '/etc/sysconfig/kubelet',
}

/** Its spec file puts the CNI plug-ins into %{_libexecdir}/cni, and that was /usr/lib up to version 15. */
function suseOf({ os: { version } }: Facts): OperatingSystem {
  return Number.parseInt(version, 10) >= 16 ? { ...suse, cniPluginDirectory: '/usr/libexec/cni' } : suse
}

/** Of Tumbleweed VERSION_ID is a date. */
export const suseSystems: readonly System[] = [
  { id: 'opensuse-leap', known: ['15', '16'], of: suseOf },
  { id: 'opensuse-tumbleweed', known: ['*'], of: suseOf },
  {
    id: 'sles',
    known: ['15', '16'],
    since: { version: 15, why: 'versions before 15 have a systemd and container runtimes that are too old' },
    of: suseOf,
  },
]
