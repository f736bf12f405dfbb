import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'

/** Built-in modules are listed in /sys/module or modules.builtin; a file system counts when the kernel offers it. */
const probeScript = `
for m in "$@"; do
  u=$(printf %s "$m" | tr - _)
  [ -d "/sys/module/$u" ] && continue
  grep -qsE "(^|/)($m|$u)\\.ko" "/lib/modules/$(uname -r)/modules.builtin" && continue
  grep -qsw "$m" /proc/filesystems && continue
  case $m in br_netfilter) [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] && continue;; esac
  echo "$m"
done
exit 0
`

/** Kernel modules that must be there, loaded or built in. */
export function kernelModules(
  host: Host,
  names: readonly string[],
  needs?: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'kernel-modules',
    title: `kernel modules ${names.join(', ')}`,
    target: host.name,
    ...(needs ? { needs } : {}),
    probe: async () => {
      const answer = await host.read({
        what: 'look for kernel modules',
        script: probeScript,
        args: [...names],
      })
      return answer.stdout.toString().split('\n').filter(Boolean)
    },
    diff: (missing) => missing.map((name) => ({ kind: 'start', summary: `load ${name}` })),
    apply: async () => {
      await host.mutate({
        what: `modprobe ${names.join(' ')}`,
        script: 'modprobe -a -- "$@"',
        args: [...names],
        timeoutMs: 30_000,
      })
    },
  }
}
