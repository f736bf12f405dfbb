import type { Facts } from '../host/facts/facts.js'
import { dnf } from './dnf/dnf.js'
import type { OperatingSystem, System } from './os.js'

/**
 * Red Hat Enterprise Linux and what is built from its sources. The kubelet's tools are those that the Kubernetes
 * project's own kubelet.rpm requires; what they are called differs between 8 and 9, so iptables is asked for by what
 * provides it. Container runtimes are not among its packages: they are called as in Docker's repository.
 */
const rhel: OperatingSystem = {
  ...dnf,
  id: 'rhel',
  packages: {
    docker: ['docker-ce', 'docker-ce-cli', 'containerd.io'],
    containerd: ['containerd.io'],
    cniPlugins: ['containernetworking-plugins'],
    kubeletNeeds: ['conntrack-tools', 'ethtool', 'iproute', 'iptables', 'socat', 'util-linux'],
    haproxy: ['haproxy'],
    keepalived: ['keepalived'],
    etcd: ['etcd'],
    selinux: ['container-selinux', 'policycoreutils-python-utils'],
  },
  elsewhere: ['docker-ce', 'docker-ce-cli', 'containerd.io', 'etcd'],
  holdNeeds: ['python3-dnf-plugin-versionlock'],
  timeSync: [{ id: 'chrony', packages: ['chrony'], unit: 'chronyd.service' }],
  kernelModules: 'the package kernel-modules-extra of the running kernel',
  cniPluginDirectory: '/usr/libexec/cni',
  kubeletDefaults: '/etc/sysconfig/kubelet',
}

/**
 * From 10.2 on nft_compat and xt_CT, without which no rule of iptables can be added, are in kernel-modules-extra
 * (openshift/microshift#7069). It is wanted for the kernel that runs; other kernels than Red Hat's have another package,
 * and a container has its host's.
 */
function extraModules({ kernel, container }: Facts): string[] {
  const own = /^[\d.]+-[\d.]+\.el(\d+)(?:_\d+)?\.[a-z0-9_]+$/.exec(kernel)
  return own && Number(own[1]) >= 10 && container === 'none' ? [`kernel-modules-extra-${kernel}`] : []
}

/** containernetworking-plugins is among the packages that RHEL 10 removed ("Considerations in adopting RHEL 10"). */
const removedIn10 = ['containernetworking-plugins']

function rhelOf(facts: Facts): OperatingSystem {
  const { packages, elsewhere } = rhel
  return {
    ...rhel,
    elsewhere: Number.parseInt(facts.os.version, 10) >= 10 ? [...elsewhere, ...removedIn10] : elsewhere,
    packages: { ...packages, kubeletNeeds: [...packages.kubeletNeeds, ...extraModules(facts)] },
  }
}

const since = { version: 8, why: 'its package manager is yum, without dnf' }
const known = ['8', '9', '10']

export const rhelSystems: readonly System[] = ['rhel', 'rocky', 'almalinux', 'ol', 'centos'].map((id) => ({
  id,
  known,
  since,
  of: rhelOf,
}))

/** What Fedora and Amazon Linux have in common with it. */
export const rhelLike = rhel
