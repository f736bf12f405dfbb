import { type MachineName, on } from './e2e-lab.js'

/** What is on a machine, apart from what the kernel, logs, Docker and apt keep for themselves; the runtime makes /lib/modules for kube-proxy, and a directory of the system stays. */
const script = `
find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/cache -o -path /var/lib/docker -o -path /var/lib/containerd -o -path /dev -o -path /usr/lib/modules \\) -prune -o -type f -printf '%p %m %U:%G ' -exec sha256sum {} \\; -o \\( -type l -printf '%p -> %l\\n' \\) -o -type d -printf '%p %m\\n' 2>/dev/null | sort
iptables-save | grep -e KUBE -e CNI -e kubestrap
ip -br link | awk '{print $1}' | grep -v '^veth' | sort
ip route | sort
find /sys/fs/cgroup -maxdepth 2 -name 'kubepods*' | sort
hostname
`

/** Files with their digests, modes and owners, links, rules of ours, network links, routes and the cgroups of Pods of a machine; a line each. */
export const machineListing = (machine: MachineName): Promise<string> => on(machine, script)

/** Lines that only one of two listings has: "- " what is gone, "+ " what is new. */
export function differingLines(before: string, after: string): string[] {
  const [a, b] = [new Set(before.split('\n')), new Set(after.split('\n'))]
  return [
    ...[...a].filter((line) => !b.has(line)).map((line) => `- ${line}`),
    ...[...b].filter((line) => !a.has(line)).map((line) => `+ ${line}`),
  ]
}
