import type { Change, Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import { cleanRulesScript, countRulesScript } from './netfilter.js'

interface Running {
  ledger: readonly LedgerEntry[]
  units: readonly string[]
  containers: number
  mounts: readonly string[]
  leftovers: readonly string[]
  rules: number
}

/**
 * Nothing of the cluster runs on the machine: our units, pods' containers, mounts in our directories,
 * links and netfilter rules that kube-proxy and CNI plug-ins made (which kubeadm reset leaves).
 */
export function stoppedStep(
  { runtime, network }: Context,
  { host }: Machine,
  ledger: () => Promise<LedgerEntry[]>,
  needs: readonly Need[],
): Step<Running> {
  const script = `
echo @units; for u in $1; do systemctl is-active --quiet "$u" && echo "$u"; done
echo @containers; ( ${runtime.countContainersScript}
) || exit 1
echo @mounts; for t in $2; do awk -v t="$t/" 'index($2, t) == 1 { print $2 }' /proc/self/mounts; done
echo @leftovers; ( ${network.leftoversScript}
) || exit 1
echo @rules; ${countRulesScript}
exit 0
`
  return {
    id: 'reset:stopped',
    title: 'units, pods and rules of the cluster',
    target: host.name,
    needs,
    settle: { withinMs: 30_000, everyMs: 500 },
    probe: async () => {
      const entries = await ledger()
      const nothing = { ledger: entries, units: [], containers: 0, mounts: [], leftovers: [], rules: 0 }
      if (entries.length === 0) return nothing
      const answer = await host.read({
        script,
        args: [ownUnits(entries).join(' '), trees(entries).join(' ')],
        timeoutMs: 30_000,
      })
      if (answer.code !== 0) throw new Error(`cannot look at what runs: ${answer.stderr}`)
      const part = (name: string): string[] =>
        (answer.stdout.toString().split(`@${name}\n`)[1] ?? '')
          .split(/^@/m)[0]
          ?.split('\n')
          .filter(Boolean) ?? []
      return {
        ledger: entries,
        units: part('units'),
        containers: Number(part('containers')[0] ?? 0),
        mounts: part('mounts'),
        leftovers: part('leftovers'),
        rules: Number(part('rules')[0] ?? 0),
      }
    },
    diff: ({ units, containers, mounts, leftovers, rules }): Change[] => [
      ...units.map((unit): Change => ({ kind: 'stop', summary: `stop ${unit}` })),
      ...(containers > 0
        ? [{ kind: 'remove' as const, summary: `remove ${containers} containers of pods` }]
        : []),
      ...(mounts.length > 0
        ? [{ kind: 'stop' as const, summary: `unmount ${mounts.length} volumes`, diff: mounts.join('\n') }]
        : []),
      ...leftovers.map((what): Change => ({ kind: 'remove', summary: `remove ${what}` })),
      ...(rules > 0
        ? [{ kind: 'remove' as const, summary: `remove ${rules} netfilter rules and chains (KUBE-*, CNI-*)` }]
        : []),
    ],
    apply: async () => {
      const entries = await ledger()
      await host.mutate({
        what: 'stop units, remove containers, mounts and network',
        script: `
for u in $1; do systemctl stop -- "$u" || exit 1; done
( ${runtime.removeContainersScript}
) || exit 1
for t in $2; do
  awk -v t="$t/" 'index($2, t) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r m; do umount -- "$m" || umount -l -- "$m" || exit 1; done || exit 1
done
( ${network.removeLeftoversScript}
) || exit 1
${cleanRulesScript}
`,
        args: [ownUnits(entries).join(' '), trees(entries).join(' ')],
        timeoutMs: 180_000,
      })
    },
  }
}

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
