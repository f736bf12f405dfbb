import type { Context } from '../cluster/context.js'
import type { OnDisk } from './read-on-disk.js'
import type { Leaves, Living } from './unchangeable.js'

/**
 * The nodes of a run that do not run the inventory's container runtime yet, and what they run: as the API has it, which a
 * kubelet tells once it runs; where the API does not say, as the kubelet is told on disk. Undefined where there are none.
 * Pure.
 * @param leaves whether nodes can leave one runtime for another
 */
export function runtimeChangeOf(
  { runtime, machines }: Pick<Context, 'runtime' | 'machines'>,
  disk: Pick<OnDisk, 'runtimes'>,
  living: Pick<Living, 'nodes'> | undefined,
  leaves: Leaves,
): { from: string; nodes: ReadonlySet<string> } | undefined {
  const byApi = new Map(living?.nodes.map((node) => [node.name, node.runtime.split('://')[0] ?? '']))
  const others = machines.flatMap(({ spec: { name }, facts }) => {
    const is = byApi.get(name) || disk.runtimes.get(name) || runtime.id
    return facts.kubernetes && is !== runtime.id && leaves(is, runtime.id) ? [[name, is] as const] : []
  })
  const [first] = others
  return first && { from: first[1], nodes: new Set(others.map(([name]) => name)) }
}
