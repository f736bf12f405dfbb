import { isNode } from '../cluster/machine.js'
import { type Check, onEach } from './check.js'

/** system-validators' Cgroups and CgroupsV2, which kubeadm's SystemVerification asks for. */
const neededControllers = {
  v1: ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
  v2: ['cpu', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
} as const

/** What the kernel of each node offers. */
export const kernelChecks: readonly Check[] = [
  {
    name: 'SystemVerification',
    about: 'The cgroup controllers that the kubelet requires are enabled.',
    run: onEach((machine) => {
      const { facts } = machine
      if (!isNode(machine)) return undefined
      if (facts.cgroupControllers.length === 0)
        return {
          severity: 'warning',
          what: 'could not read the cgroup controllers',
          next: 'see /proc/cgroups, or /sys/fs/cgroup/cgroup.controllers',
        }
      const missing = neededControllers[facts.cgroup].filter((one) => !facts.cgroupControllers.includes(one))
      return missing.length === 0
        ? undefined
        : {
            severity: 'error',
            what: `cgroup controllers not enabled: ${missing.join(', ')}`,
            next: missing.includes('memory')
              ? 'add cgroup_enable=memory to the kernel command line (a Raspberry Pi: cmdline.txt) and reboot'
              : 'remove cgroup_disable= from the kernel command line, or use a kernel that has these controllers',
          }
    }),
  },
  {
    name: 'KernelModules',
    about: 'overlay, br_netfilter and nf_conntrack are built into the kernel or can be loaded.',
    run: onEach((machine) =>
      isNode(machine) && machine.facts.missingModules.length > 0
        ? {
            severity: 'error',
            what: `kernel ${machine.facts.kernel} has no ${machine.facts.missingModules.join(', ')}`,
            next: `install the kernel's modules (${machine.os.kernelModules}), or reboot into the kernel whose modules are installed`,
          }
        : undefined,
    ),
  },
  {
    name: 'CgroupVersion',
    about: 'The kubelet of this Kubernetes version supports the mounted cgroup version.',
    run: onEach((machine, { spec }) => {
      const { cgroup } = machine.facts
      const release = machine.release.wanted
      const support = release.kubelet.cgroups[cgroup]
      if (!isNode(machine) || support === 'stable') return undefined
      if (support === 'early')
        return {
          severity: 'warning',
          what: `cgroup ${cgroup}, which Kubernetes ${release.minor} supports, but not as stable`,
          next: 'it works with a container runtime that supports it; to use cgroup v1 boot with systemd.unified_cgroup_hierarchy=0',
        }
      return spec.kubelet.config[support.refusedUnless] === false
        ? undefined
        : {
            severity: 'error',
            what: `cgroup ${cgroup}, with which the kubelet of Kubernetes ${release.minor} does not start`,
            next: `boot with systemd.unified_cgroup_hierarchy=1, or set kubelet: { config: { ${support.refusedUnless}: false } }`,
          }
    }),
  },
]
