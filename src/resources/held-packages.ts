import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import type { OperatingSystem } from '../os/os.js'

/** Packages, installed, that no upgrade by others touches. */
export function heldPackages(
  host: Host,
  os: OperatingSystem,
  names: readonly string[],
  needs: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'packages:held',
    title: 'packages kept from upgrades',
    target: host.name,
    needs,
    probe: async () => {
      const answer = await host.read({
        what: 'look for held packages',
        script: os.heldPackages,
        args: [...names],
        timeoutMs: 30_000,
      })
      if (answer.code !== 0)
        throw new UserError('step', 'could not check which packages are held', {
          host: host.name,
          why: answer.stderr.trim(),
        })
      return answer.stdout.toString().split('\n').filter(Boolean)
    },
    diff: (held) => {
      const free = names.filter((name) => !held.includes(name))
      return free.length === 0
        ? []
        : [{ kind: 'update', subjects: free, summary: `keep ${free.join(', ')} from upgrades` }]
    },
    apply: async ([change]) => {
      await host.mutate({
        what: 'hold packages',
        script: os.holdPackages,
        args: [...(change?.subjects ?? [])],
        ledger: (change?.subjects ?? []).map((name) => `held ${name}` as const),
        timeoutMs: 300_000,
      })
    },
  }
}
