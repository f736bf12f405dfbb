import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { byLedger, type Ledger } from './by-ledger.js'

/** Packages are no longer checked against the keys that kubestrap, and nobody before, had made count for every repository. */
export function keysStep(
  { host, os }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'reset:keys',
    title: 'keys of packages',
    target: host.name,
    needs,
    probe: () => {
      const look = async (noted: readonly LedgerEntry[]): Promise<readonly string[]> => {
        const args = noted.map(({ subject }) => subject)
        const answer = await host.read({
          what: 'look for keys of packages',
          script: os.trustedKeys,
          args,
          timeoutMs: 30_000,
        })
        if (answer.code !== 0) throw new Error(`cannot read the keys of packages: ${answer.stderr}`)
        return answer.stdout.toString().split('\n').filter(Boolean)
      }
      return byLedger(ledger, [], look, 'key')
    },
    diff: (trusted) =>
      trusted.length === 0
        ? []
        : [
            {
              kind: 'remove',
              subjects: trusted,
              summary: `remove ${trusted.join(', ')} from the keys of packages`,
            },
          ],
    apply: async ([change]) => {
      await host.mutate({
        what: 'remove keys of packages',
        script: os.distrustKeys,
        args: [...(change?.subjects ?? [])],
        timeoutMs: 300_000,
      })
    },
  }
}
