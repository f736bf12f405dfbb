import { apt } from './apt/apt.js'
import type { OperatingSystem, System } from './os.js'

/** Debian. */
export const debian: OperatingSystem = {
  ...apt,
  id: 'debian',
  packages: {
    docker: ['docker.io'],
    containerd: ['containerd'],
    cniPlugins: ['containernetworking-plugins'],
    kubeletNeeds: ['conntrack', 'ebtables', 'ethtool', 'iproute2', 'iptables', 'socat', 'util-linux'],
    haproxy: ['haproxy'],
    keepalived: ['keepalived'],
    etcd: ['etcd-server', 'etcd-client'],
    selinux: [],
  },
  elsewhere: [],
  timeSync: [
    { id: 'systemd-timesyncd', packages: ['systemd-timesyncd'], unit: 'systemd-timesyncd.service' },
    { id: 'chrony', packages: ['chrony'], unit: 'chrony.service' },
  ],
  kernelModules: 'the package linux-image of the running kernel',
  cniPluginDirectory: '/usr/lib/cni',
  kubeletDefaults: '/etc/default/kubelet',
}

/** The versions of containerd that releases keep, by VERSION_ID (tracker.debian.org/pkg/containerd). */
const containerd: Readonly<Record<string, string>> = { 11: '1.4.13', 12: '1.6.20', 13: '1.7.24' }

/** Debian 13 made the client of Docker a package of its own, which docker.io only recommends (its changelog, 26.1.4+dfsg1-7). */
const trixie: OperatingSystem = {
  ...debian,
  packages: { ...debian.packages, docker: ['docker.io', 'docker-cli'] },
}

export const debianSystem: System = {
  id: 'debian',
  known: ['11', '12', '13'],
  ran: ['11', '12', '13'],
  // testing and unstable have no number; that of another system that is treated like Debian is its own
  of: ({ os: { id, version } }) => {
    if (id !== 'debian') return debian
    const os = version === '' || Number(version) >= 13 ? trixie : debian
    const keeps = containerd[version]
    return keeps === undefined ? os : { ...os, containerd: keeps }
  },
}
