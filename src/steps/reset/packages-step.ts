import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { byLedger, type Ledger } from './by-ledger.js'

/** The packages kubestrap installed, and those that came with them, are gone. */
export function packagesStep(
  { runtime }: Context,
  { host, os }: Machine,
  ledger: Ledger,
  onLeft: (host: string, what: string) => void,
  needs: readonly Need[],
): Step<readonly string[]> {
  const look = async (entries: readonly LedgerEntry[]): Promise<readonly string[]> => {
    const args = entries.map(({ subject }) => subject)
    const answer = await host.read({ script: os.installedPackages, args, timeoutMs: 30_000 })
    if (answer.code !== 0) throw new Error(`cannot read the installed packages: ${answer.stderr}`)
    return answer.stdout
      .toString()
      .split('\n')
      .flatMap((line) => line.split(' ')[0] || [])
  }
  return {
    id: 'reset:packages',
    title: 'packages',
    target: host.name,
    needs,
    probe: () => byLedger(ledger, [], look, 'package'),
    diff: (installed) =>
      installed.length === 0
        ? []
        : [
            {
              kind: 'remove',
              subjects: installed,
              summary: `remove ${installed.length} packages`,
              diff: installed.join('\n'),
            },
          ],
    apply: async ([change]) => {
      const names = change?.subjects ?? []
      await host.mutate({
        what: `remove packages ${names.join(', ')}`,
        script: os.removePackages,
        args: names,
        timeoutMs: 900_000,
      })
      if (!runtime.packages(os).some((name) => names.includes(name))) return
      const traces = await host.read({ what: 'look for traces of the runtime', script: runtime.tracesScript })
      if (traces.code !== 0) onLeft(host.name, `could not check for traces of the runtime: ${traces.stderr}`)
      for (const what of traces.stdout.toString().split('\n').filter(Boolean)) onLeft(host.name, what.trim())
    },
  }
}
