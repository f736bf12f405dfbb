import type { Context } from '../cluster/context.js'
import type { OnDisk } from './read-on-disk.js'
import type { Living } from './unchangeable.js'

/**
 * The nodes of a run that do not run the inventory's container runtime yet, and what they run: as their kubelets are told,
 * and as the API has it, since a run may have been cut between the two. Undefined where there are none. Whether it can be
 * changed is another question (unchangeable.ts). Pure.
 */
export function runtimeChangeOf(
  { runtime, machines }: Pick<Context, 'runtime' | 'machines'>,
  disk: Pick<OnDisk, 'runtimes'>,
  living: Pick<Living, 'nodes'> | undefined,
): { from: string; nodes: ReadonlySet<string> } | undefined {
  const byApi = new Map(living?.nodes.map((node) => [node.name, node.runtime.split('://')[0] ?? '']))
  const others = machines.flatMap(({ spec: { name } }) =>
    [disk.runtimes.get(name), byApi.get(name)]
      .filter((is): is is string => is !== undefined && is !== '' && is !== runtime.id)
      .slice(0, 1)
      .map((is) => [name, is] as const),
  )
  const [first] = others
  return first && { from: first[1], nodes: new Set(others.map(([name]) => name)) }
}
