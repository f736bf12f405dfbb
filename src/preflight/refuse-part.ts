import type { Context } from '../cluster/context.js'
import type { Upgrade } from '../cluster/upgrade.js'
import { hostsWithRole } from '../inventory/select.js'
import { UserError } from '../lib/errors.js'

/**
 * Throws for an upgrade of a part of the cluster in which a kubelet would be newer than an API server: one that leaves out a
 * control plane node, by --limit (UserError('usage')) or because it is away ('connection'). Pure.
 * @param chosen names of the hosts that the run is limited to; undefined: all, or a part that has no names
 * @param limited whether the run is limited at all
 */
export function refusePart(
  { spec, away }: Pick<Context, 'spec' | 'away'>,
  { from, to, planes }: Upgrade,
  { chosen, limited }: { chosen: ReadonlySet<string> | undefined; limited: boolean },
): void {
  const missing = hostsWithRole(spec, 'control-plane').filter(({ name }) => away.has(name))
  const what = `the upgrade from ${from} to ${to} was not begun`
  if (missing.length > 0)
    throw new UserError('connection', what, {
      why: `${missing.map(({ name }) => name).join(', ')} cannot be reached: a kubelet must not be newer than an API server`,
      next: 'start these control plane nodes, or remove them (kubestrap remove --gone); then run kubestrap up again',
    })
  if (limited && chosen === undefined)
    throw new UserError('usage', what, {
      why: 'only some phases or steps were asked for, and an upgrade is made of all, in an order of their own',
      next: 'run kubestrap up',
    })
  const left = planes.filter((name) => chosen?.has(name) !== true)
  if (limited && left.length > 0)
    throw new UserError('usage', what, {
      why: `the run is limited, and leaves out ${left.join(', ')}: every control plane node is upgraded before any other`,
      next: 'run kubestrap up without --limit, or with --limit control-plane first',
    })
}
