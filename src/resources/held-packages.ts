import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import type { OperatingSystem } from '../os/os.js'

/** Those of these packages that are held. Throws UserError('step') when that cannot be seen. */
export async function heldAmong(
  host: Host,
  os: OperatingSystem,
  names: readonly string[],
): Promise<readonly string[]> {
  const answer = await host.read({
    what: 'look for held packages',
    script: os.heldPackages,
    args: [...names],
    timeoutMs: 30_000,
  })
  if (answer.code !== 0)
    throw new UserError('step', `could not check which packages are held: ${answer.stderr.trim()}`, {
      host: host.name,
    })
  return answer.stdout.toString().split('\n').filter(Boolean)
}

/** Packages, installed, that no upgrade by others touches. */
export function heldPackages(
  host: Host,
  os: OperatingSystem,
  names: readonly string[],
  needs: readonly Need[],
  id = 'packages:held',
): Step<readonly string[]> {
  return {
    id,
    title: 'packages kept from upgrades',
    target: host.name,
    needs,
    probe: () => heldAmong(host, os, names),
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
