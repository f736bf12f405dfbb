import type { RolloutWish } from '../../../src/phases/rollout.js'
import { rollout } from '../../../src/workflows/rollout.js'
import { kubectl } from './convergence.js'
import { type Ran, type RunOptions, runUp } from './run-up.js'
import { simulatedSpec } from './spec.js'
import type { World } from './world.js'

/** The hosts of `bothTakePods`. */
export const nodes = ['cp1', 'w1']

/** A cluster of two nodes that both take Pods, so that each may be drained to the other. */
export const bothTakePods = (bundle: string) =>
  simulatedSpec(bundle, (text) => text.replace('[control-plane]', '[control-plane, worker]'))

/** What is asked of a world whose nodes are rebooted. */
export function rebootsOf(world: World, bundle: string) {
  let runs = 0
  const boots = (): string[] =>
    nodes.map((name) => world.host(name).read('/proc/sys/kernel/random/boot_id') ?? '')
  return {
    /** One run of the rollout. */
    run: (wish: Partial<RolloutWish> = {}, options: RunOptions = {}): Promise<Ran> =>
      runUp(world, bothTakePods(bundle), {
        ...options,
        instead: rollout({
          kind: 'reboot',
          hosts: nodes,
          drain: { timeoutMs: 30_000, deleteEmptyDirData: true, force: false },
          withinMs: 60_000,
          id: `run ${++runs}`,
          again: false,
          ...wish,
        }),
      }),
    /** The boot id of each node. */
    boots,
    /** Names of those that have others by now. */
    rebooted: (before: readonly string[]): string[] => {
      const now = boots()
      return nodes.filter((_, i) => now[i] !== before[i])
    },
    /** Names of Nodes that are cordoned. */
    cordoned: async (): Promise<string[]> => {
      const lines = await kubectl(
        world,
        `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.unschedulable}{"\\n"}{end}'`,
      )
      return lines
        .split('\n')
        .filter((line) => line.endsWith(' true'))
        .map((line) => line.replace(' true', ''))
    },
    /** The record of a request that has not come to its end; '' for none. */
    record: (): Promise<string> =>
      kubectl(world, 'get configmap -n kube-system kubestrap-rollout --ignore-not-found -o name'),
  }
}
