import type { Context } from '../cluster/context.js'
import type { Workflow } from '../engine/phase.js'
import type { RolloutSpec } from '../inventory/spec.js'
import { drainNodes, uncordonNamed } from '../phases/drain.js'

/** Moves Pods off nodes, which stay in the cluster. */
export const drain = (names: readonly string[], how: RolloutSpec['drain']): Workflow<Context> => ({
  id: 'drain',
  phases: [drainNodes(names, how)],
})

/** Lets nodes take Pods again. */
export const uncordon = (names: readonly string[]): Workflow<Context> => ({
  id: 'uncordon',
  phases: [uncordonNamed(names)],
})
