import type { RuntimeChange } from '../cluster/runtime-change.js'
import type { Upgrade } from '../cluster/upgrade.js'
import { UserError } from '../lib/errors.js'

/**
 * Throws UserError('usage') for a change of the container runtime that is asked for together with an upgrade, or of which
 * only some steps are to be made. Pure.
 * @param how.to the runtime of the inventory
 * @param how.some only some phases or steps were asked for
 */
export function refusePartOfRuntimeChange(
  { from, nodes }: RuntimeChange,
  upgrade: Upgrade | undefined,
  { to, some }: { to: string; some: boolean },
): void {
  const what = `the change of the container runtime from ${from.id} to ${to} was not begun`
  if (upgrade)
    throw new UserError('usage', what, {
      why: `the version changes too, from ${upgrade.from} to ${upgrade.to}: one is made after the other`,
      next:
        upgrade.planes.length > 0
          ? `set kubernetes.version to ${upgrade.from} and run kubestrap up; then set it to ${upgrade.to} and run kubestrap up again`
          : `the control plane runs ${upgrade.to} already: remove these nodes (kubestrap remove ${[...nodes].join(' ')}), and run kubestrap up, which adds them again`,
    })
  if (some)
    throw new UserError('usage', what, {
      why: 'only some phases or steps were asked for, and a node that changes its runtime goes through all of them',
      next: 'run kubestrap up',
    })
}

/**
 * A change of the container runtime in a sentence; undefined where the run is limited to other hosts. Pure.
 * @param chosen names of the hosts that the run is limited to; undefined: all
 */
export function runtimeChangeWords(
  { from, nodes }: RuntimeChange,
  to: string,
  chosen: ReadonlySet<string> | undefined,
): string | undefined {
  const names = [...nodes].filter((name) => chosen?.has(name) ?? true)
  if (names.length === 0) return undefined
  return `container runtime from ${from.id} to ${to}, one node after the other, each after a drain: ${names.join(', ')}`
}
