import type { Options } from 'yargs'
import type { ClusterSpec, RolloutSpec } from '../inventory/spec.js'
import { durationOf } from './command.js'

/** How Pods are moved, by the names that kubectl drain has for it; the inventory's `rollout.drain` without them. */
export const drainOptions = {
  timeout: {
    type: 'string',
    describe:
      'time limit for the Pods of one node: 90s, 10m (default: rollout.drain.timeout of the inventory)',
    requiresArg: true,
  },
  force: {
    type: 'boolean',
    describe: 'also evict Pods without a controller, which nothing recreates (default: rollout.drain.force)',
  },
  'delete-emptydir-data': {
    type: 'boolean',
    describe: 'also evict Pods with emptyDir volumes (default: rollout.drain.deleteEmptyDirData)',
  },
} satisfies Record<string, Options>

/** What these options and the inventory say. Throws UserError('usage'). */
export function drainOf(spec: ClusterSpec, values: Record<string, unknown>): RolloutSpec['drain'] {
  const { drain } = spec.rollout
  const flag = (name: string, otherwise: boolean): boolean =>
    typeof values[name] === 'boolean' ? values[name] : otherwise
  return {
    timeoutMs:
      values.timeout === undefined ? drain.timeoutMs : durationOf(values, 'timeout', '90s, 10m or 1h'),
    force: flag('force', drain.force),
    deleteEmptyDirData: flag('delete-emptydir-data', drain.deleteEmptyDirData),
  }
}
