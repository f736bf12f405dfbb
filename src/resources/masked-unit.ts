import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { unitFileState } from './unit-file-state.js'

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
        script: `${unitFileState}
unit_file_state "$1"`,
        args: [unit],
      })
      if (answer.code !== 0)
        throw new UserError('step', `could not check ${unit}`, { host: host.name, why: answer.stderr })
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
