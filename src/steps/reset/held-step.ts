import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import { heldAmong } from '../../resources/held-packages.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { byLedger, type Ledger } from './by-ledger.js'

/** The packages that kubestrap kept from upgrades are upgraded again, and can be removed. */
export function heldStep(
  { host, os }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'reset:held',
    title: 'packages kept from upgrades',
    target: host.name,
    needs,
    probe: () => {
      const look = (noted: readonly LedgerEntry[]) =>
        heldAmong(
          host,
          os,
          noted.map(({ subject }) => subject),
        )
      return byLedger(ledger, [], look, 'held')
    },
    diff: (held) =>
      held.length === 0
        ? []
        : [{ kind: 'update', subjects: held, summary: `release ${held.join(', ')} for upgrades` }],
    apply: async ([change]) => {
      await host.mutate({
        what: 'release packages',
        script: os.releasePackages,
        args: [...(change?.subjects ?? [])],
        timeoutMs: 300_000,
      })
    },
  }
}
