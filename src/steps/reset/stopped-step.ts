import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Change, Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { byLedger, type Ledger } from './by-ledger.js'

interface Running {
  units: readonly string[]
  containers: number
  mounts: readonly string[]
  cgroups: readonly string[]
  leftovers: readonly string[]
}

const nothing: Running = { units: [], containers: 0, mounts: [], cgroups: [], leftovers: [] }

/**
 * Nothing of the cluster runs on the machine: our units, pods' containers, mounts in our directories,
 * the cgroups of Pods, links that CNI plug-ins made.
 */
export function stoppedStep(
  { runtime, network }: Context,
  { host }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<Running> {
  const script = `${mountsBelow}${emptyCgroups}
echo @units; for u in $1; do systemctl is-active --quiet "$u" && echo "$u"; done
echo @containers; ( ${runtime.countContainersScript}
) || exit 1
shift
echo @mounts; for t in "$@"; do mounts_below "$t" || exit 1; done
echo @cgroups; empty_cgroups /sys/fs/cgroup
echo @leftovers; ( [ ! -e /sys/class/net/${ipvsLink} ] || echo 'link ${ipvsLink}'; ${network.leftoversScript}
) || exit 1
exit 0
`
  // the runtime is to remove its containers first
  const unitsOf = (entries: readonly LedgerEntry[]): string[] =>
    ownUnits(entries).filter((unit) => unit !== runtime.unit)
  const look = async (entries: readonly LedgerEntry[]): Promise<Running> => {
    const answer = await host.read({
      script,
      args: [unitsOf(entries).join(' '), ...trees(entries)],
      timeoutMs: 30_000,
    })
    if (answer.code !== 0) throw new Error(`could not check what runs: ${answer.stderr}`)
    const part = (name: string): string[] =>
      (answer.stdout.toString().split(`@${name}\n`)[1] ?? '').split(/^@/m)[0]?.split('\n').filter(Boolean) ??
      []
    return {
      units: part('units'),
      containers: Number(part('containers')[0] ?? 0),
      mounts: part('mounts'),
      cgroups: part('cgroups'),
      leftovers: part('leftovers'),
    }
  }
  return {
    id: 'reset:stopped',
    title: 'units and Pods of the cluster',
    target: host.name,
    needs,
    settle: { withinMs: 30_000, everyMs: 500 },
    probe: () => byLedger(ledger, nothing, look),
    diff: ({ units, containers, mounts, cgroups, leftovers }): Change[] => [
      ...units.map((unit): Change => ({ kind: 'stop', summary: `stop ${unit}` })),
      ...(containers > 0
        ? [{ kind: 'remove' as const, summary: `remove ${containers} containers of Pods` }]
        : []),
      ...(mounts.length > 0
        ? [{ kind: 'stop' as const, summary: `unmount ${mounts.length} volumes`, diff: mounts.join('\n') }]
        : []),
      ...(cgroups.length > 0
        ? [{ kind: 'remove' as const, summary: 'remove the cgroups of Pods', diff: cgroups.join('\n') }]
        : []),
      ...leftovers.map((what): Change => ({ kind: 'remove', summary: `remove ${what}` })),
    ],
    apply: async () => {
      const entries = await ledger()
      await host.mutate({
        what: 'stop units, remove containers, mounts and network',
        script: `${mountsBelow}${emptyCgroups}
for u in $1; do systemctl stop -- "$u" || exit 1; done
( ${runtime.removeContainersScript}
) || exit 1
shift
for t in "$@"; do
  mounts_below "$t" | sort -r | while IFS= read -r m; do umount -- "$m" || umount -l -- "$m" || exit 1; done || exit 1
done
empty_cgroups /sys/fs/cgroup | while IFS= read -r c; do
  case $c in *.slice) systemctl stop -- "\${c##*/}" 2>/dev/null ;; esac
  find "$c" -depth -type d -exec rmdir -- {} + 2>/dev/null || [ ! -d "$c" ]
done
( [ ! -e /sys/class/net/${ipvsLink} ] || ip link del ${ipvsLink} || exit 1
${network.removeLeftoversScript}
) || exit 1
`,
        args: [unitsOf(entries).join(' '), ...trees(entries)],
        timeoutMs: 180_000,
      })
    },
  }
}

/**
 * Prints the mount points below a directory, also where that is a link; the kernel shows blanks in their names as
 * octal numbers (getmntent(3)). POSIX sh and awk.
 */
export const mountsBelow = `
mounts_below() {
  [ -e "$1" ] || return 0
  below=$(readlink -f -- "$1") || return 1
  BELOW=$below/ awk '{ m = $2; gsub(/\\\\040/, " ", m); gsub(/\\\\011/, "\\t", m); gsub(/\\\\134/, "\\\\", m)
    if (index(m, ENVIRON["BELOW"]) == 1) print m }' /proc/self/mounts
}
`

/** The link that has the addresses of Services where kube-proxy uses IPVS (pkg/proxy/ipvs/proxier.go, defaultDummyDevice). */
const ipvsLink = 'kube-ipvs0'

/**
 * Prints the cgroups below which the kubelet had those of Pods, by either driver (pkg/kubelet/cm, "kubepods"), where no
 * process is left in one. The kubelet leaves them behind. POSIX sh.
 */
export const emptyCgroups = `
empty_cgroups() { # where cgroups are mounted
  for c in "$1/kubepods" "$1"/*/kubepods "$1/kubepods.slice" "$1"/*/kubepods.slice; do
    [ -d "$c" ] && [ -w "$c" ] || continue
    [ -n "$(find "$c" -name cgroup.procs -exec cat {} + 2>/dev/null | head -n 1)" ] || echo "$c"
  done
}
`

const unitDirectory = '/etc/systemd/system/'

/** Units whose unit file is ours; sockets first, since they would start their services again. */
export function ownUnits(ledger: readonly LedgerEntry[]): string[] {
  return ['.socket', '.service'].flatMap((ending) =>
    ledger.flatMap(({ kind, subject }) =>
      kind === 'file' && subject.startsWith(unitDirectory) && subject.endsWith(ending)
        ? [subject.slice(unitDirectory.length)]
        : [],
    ),
  )
}

export function trees(ledger: readonly LedgerEntry[]): string[] {
  return ledger.flatMap(({ kind, subject }) => (kind === 'tree' ? [subject] : []))
}
