import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Runtime } from '../../runtimes/runtime.js'
import { byLedger, type Ledger } from './by-ledger.js'
import { ownUnits } from './stopped-step.js'

/**
 * A runtime whose unit is kubestrap's, because its programs were downloaded, stops before they go; until then it
 * removes containers and images. One of a package stays as it is.
 */
export function runtimeStoppedStep(
  { runtime }: Context,
  { host }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<boolean> {
  return {
    id: 'reset:runtime',
    title: 'container runtime',
    target: host.name,
    needs,
    probe: () => byLedger(ledger, false, (entries) => ownRuntimeRuns(runtime, host, entries)),
    diff: (active) => (active ? [{ kind: 'stop', summary: `stop ${runtime.unit}` }] : []),
    apply: async () => {
      await host.mutate({
        what: `stop ${runtime.unit}`,
        script: 'systemctl stop -- "$1"',
        args: [runtime.unit],
        timeoutMs: 120_000,
      })
    },
  }
}

/** Whether a runtime runs whose unit is kubestrap's. Throws an Error when that cannot be seen. */
export async function ownRuntimeRuns(
  runtime: Runtime,
  host: Host,
  entries: readonly LedgerEntry[],
): Promise<boolean> {
  if (!ownUnits(entries).includes(runtime.unit)) return false
  const answer = await host.read({ script: 'systemctl is-active -- "$1"', args: [runtime.unit] })
  const state = answer.stdout.toString().trim()
  // it prints a word whatever the state is (systemctl(1), is-active)
  if (state === '') throw new Error(`could not check whether ${runtime.unit} runs: ${answer.stderr}`)
  // also one that is about to start or to fail
  return !['inactive', 'failed', 'unknown'].includes(state)
}
