import type { Context } from '../cluster/context.js'
import type { Workflow } from '../engine/phase.js'
import { type RolloutWish, rolloutPhase } from '../phases/rollout.js'

/** What a rollout does to hosts. */
export type RolloutKind = RolloutWish['kind']

/** Reboots hosts, or restarts what runs on them, so that the cluster goes on meanwhile. */
export const rollout = (wish: RolloutWish): Workflow<Context> => ({
  id: wish.kind === 'reboot' ? 'rollout reboot' : 'rollout restart',
  phases: [rolloutPhase(wish)],
})
