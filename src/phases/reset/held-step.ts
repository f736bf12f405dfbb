import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Machine } from '../machine.js'

/** The packages that kubestrap kept from upgrades are upgraded again, and can be removed. */
export function heldStep(
  { host, os }: Machine,
  ledger: () => Promise<LedgerEntry[]>,
  needs: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'reset:held',
    title: 'packages kept from upgrades',
    target: host.name,
    needs,
    probe: async () => {
      const noted = (await ledger()).filter(({ kind }) => kind === 'held').map(({ subject }) => subject)
      if (noted.length === 0) return []
      const answer = await host.read({ script: os.heldPackages, args: noted, timeoutMs: 30_000 })
      if (answer.code !== 0) throw new Error(`could not check which packages are held: ${answer.stderr}`)
      return answer.stdout.toString().split('\n').filter(Boolean)
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
