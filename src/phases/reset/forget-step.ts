import { dirname } from 'node:path/posix'
import type { Need, Step } from '../../engine/step.js'
import { ledgerFile } from '../../host/ledger-script.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Machine } from '../machine.js'

/** The ledger itself, and what else kubestrap kept for itself, is gone. What it knew of and left is told. */
export function forgetStep(
  { host }: Machine,
  ledger: () => Promise<LedgerEntry[]>,
  options: { packages: boolean; images: boolean; onLeft(host: string, what: string): void },
  needs: readonly Need[],
): Step<readonly LedgerEntry[]> {
  return {
    id: 'reset:ledger',
    title: 'the ledger',
    target: host.name,
    needs,
    probe: ledger,
    diff: (entries) => (entries.length === 0 ? [] : [{ summary: `remove ${dirname(ledgerFile)}` }]),
    apply: async () => {
      const entries = await ledger()
      const of = (kind: LedgerEntry['kind']): string[] =>
        entries.flatMap((entry) => (entry.kind === kind ? [entry.subject] : []))
      if (!options.packages && of('package').length > 0)
        options.onLeft(host.name, `${of('package').length} packages (--packages): ${of('package').join(' ')}`)
      if (!options.images && of('image').length > 0)
        options.onLeft(host.name, `${of('image').length} images (--images)`)
      // the lock lies in /run/kubestrap and is held while this runs: it goes with its directory
      await host.mutate({
        script: 'rm -rf -- "$1" /run/kubestrap',
        args: [dirname(ledgerFile)],
        timeoutMs: 30_000,
      })
    },
  }
}
