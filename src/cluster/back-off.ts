import type { Context } from './context.js'
import { kubeletUnit } from './kubelet-unit.js'
import type { Machine } from './machine.js'
import { systemContainers } from './system-containers.js'

/**
 * What a kubelet waits before it starts a container again that ended once: each further time twice as long, five
 * minutes at most (backOffPeriod and MaxContainerBackOff in pkg/kubelet/kubelet.go). It keeps that in memory only.
 */
const firstBackOffMs = 10_000
const everyMs = 1_000

/**
 * Where a container of a static pod ended before and its kubelet waits with the next start, a fault that has been
 * fixed meanwhile is no reason to wait for up to five minutes more: the kubelet is restarted, forgets that, and starts
 * it at once. What runs goes on. A look that fails is no reason to restart anything.
 * @param names containers of kube-system that are waited for
 */
export async function endBackOff(
  context: Context,
  machine: Machine,
  names: readonly string[],
): Promise<void> {
  const until = context.now().getTime() + firstBackOffMs + 2 * everyMs
  for (;;) {
    const longest = await longestAway(context, machine, names).catch(() => undefined)
    if (longest === undefined) return
    if (longest > firstBackOffMs) break
    if (context.now().getTime() > until) return
    await context.sleep(everyMs)
  }
  await machine.host.mutate({
    what: 'restart the kubelet, which waits before it starts a container again',
    script: 'systemctl try-restart -- "$1"',
    args: [kubeletUnit],
    timeoutMs: 60_000,
  })
}

/** How long ago the last container ended of one of these names of which none runs; undefined where all run or none was there. */
async function longestAway(
  context: Context,
  machine: Machine,
  names: readonly string[],
): Promise<number | undefined> {
  const { at, containers } = await systemContainers(context, machine)
  const away = names.flatMap((name) => {
    const there = containers.filter((state) => state.name === name)
    if (there.some(({ running }) => running)) return []
    const ends = there.flatMap(({ ended }) => ended ?? [])
    return ends.length === 0 ? [] : [at - Math.max(...ends)]
  })
  return away.length === 0 ? undefined : Math.max(...away)
}
