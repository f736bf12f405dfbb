import { dirname } from 'node:path/posix'
import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import { type LedgerKind, ledgerFile } from '../../host/ledger-script.js'
import { runLock } from '../../host/run-lock.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { releasedTrees } from '../programs/release-steps.js'
import type { Ledger } from './by-ledger.js'
import { trees } from './stopped-step.js'

export interface Keeping {
  packages: boolean
  images: boolean
  onLeft(host: string, what: string): void
}

/**
 * What kubestrap kept for itself is gone; of the ledger only what was left on the machine stays, so
 * that a later reset can take it too. That is told.
 */
export function forgetStep(
  context: Context,
  { host }: Machine,
  ledger: Ledger,
  options: Keeping,
  needs: readonly Need[],
): Step<readonly LedgerEntry[]> {
  const keptOf = (entries: readonly LedgerEntry[]): LedgerKind[] => {
    const own = trees(entries)
    // images went with the directory of the runtime that had them
    const gone = options.images || releasedTrees(context).some((path) => own.includes(path))
    return [...(options.packages ? [] : (['package'] as const)), ...(gone ? [] : (['image'] as const))]
  }
  return {
    id: 'reset:ledger',
    title: 'the ledger',
    target: host.name,
    needs,
    probe: ledger,
    diff: (entries) => {
      const kept = keptOf(entries)
      return entries.every(({ kind }) => kept.includes(kind))
        ? []
        : [{ kind: 'remove', summary: `clear ${dirname(ledgerFile)}` }]
    },
    apply: async () => {
      const entries = await ledger()
      const kept = keptOf(entries)
      for (const kind of kept) {
        const left = entries.filter((entry) => entry.kind === kind).map(({ subject }) => subject)
        if (left.length > 0)
          options.onLeft(host.name, `${left.length} ${kind}s (--${kind}s): ${left.join(' ')}`)
      }
      // the lock lies in /run/kubestrap and is held while this runs: it goes with its directory, or, where this run has the
      // cluster's lock there, all but that, which ends the rest
      await host.mutate({
        what: 'clear the ledger',
        script: forgetScript,
        args: [ledgerFile, kept.join(' ')],
        timeoutMs: 30_000,
      })
    },
  }
}

const forgetScript = `
umask 077
d=\${1%/*}
tab=$(printf '\t')
for kind in $2; do grep -E "^(2$tab)?$kind$tab" "$1"; done >"$d/.left"
if [ -s "$d/.left" ]; then sync -- "$d/.left" && mv -f -- "$d/.left" "$1" && find "$d" -mindepth 1 ! -path "$1" -delete
else rm -rf -- "$d"
fi
if [ -s ${runLock} ]; then find /run/kubestrap -mindepth 1 -maxdepth 1 ! -path ${runLock} -exec rm -rf {} +
else rm -rf /run/kubestrap
fi
`
