import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'

/** A unit that nothing can start, also one that a package is only about to bring. */
export function maskedUnit(host: Host, unit: string, needs: readonly Need[] = []): Step<string> {
  return {
    id: `masked:${unit}`,
    title: `${unit} masked`,
    target: host.name,
    needs,
    probe: async () => {
      const answer = await host.read({
        what: `systemctl is-enabled ${unit}`,
        // for one that is not there it prints nothing and exits 1: that is an answer
        script: 'systemctl is-enabled -- "$1" 2>/dev/null; exit 0',
        args: [unit],
      })
      return answer.stdout.toString().trim()
    },
    diff: (state) => (state === 'masked' ? [] : [{ kind: 'disable', summary: `mask ${unit}` }]),
    apply: async () => {
      await host.mutate({
        what: `mask ${unit}`,
        script: 'systemctl mask --quiet -- "$1"',
        args: [unit],
        ledger: [`masked ${unit}`],
        timeoutMs: 30_000,
      })
    },
  }
}
