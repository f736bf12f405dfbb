import { parseDuration } from '../lib/time.js'
import { defaults } from './defaults.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import type { RolloutSpec } from './spec.js'

const percentage = /^([1-9]\d?|100)%$/
const longestDrainMs = 24 * 3600 * 1000

/** A `rollout` that names no number of nodes, or no time. */
export function rolloutProblems({ rollout }: Inventory): Found[] {
  const { maxUnavailable, drain } = rollout ?? {}
  const isNumber = typeof maxUnavailable === 'number' && maxUnavailable >= 1
  const found: Found[] = []
  if (maxUnavailable !== undefined && !isNumber && !percentage.test(String(maxUnavailable)))
    found.push({
      path: ['rollout', 'maxUnavailable'],
      what: `"${maxUnavailable}" is neither a number of nodes nor a percentage`,
      write: 'a number from 1 on, or a percentage from 1% to 100%, such as 25%',
    })
  const ms = drain?.timeout === undefined ? 1000 : parseDuration(drain.timeout)
  if (ms === undefined || ms < 1000 || ms > longestDrainMs)
    found.push({
      path: ['rollout', 'drain', 'timeout'],
      what: `"${drain?.timeout}" is not a duration from 1s to 24h`,
      write: `a duration, such as ${defaults.drainTimeout} (the default)`,
    })
  return found
}

/**
 * `rollout` with its defaults.
 * @param nodes how many nodes the inventory has: of a percentage so many, rounded down, as of a Deployment's maxUnavailable, but at least one
 */
export function rolloutOf({ rollout }: Pick<Inventory, 'rollout'>, nodes: number): RolloutSpec {
  const { maxUnavailable = 1, minReadySeconds = 0, maxFailed = 0, drain } = rollout ?? {}
  const percent = percentage.exec(String(maxUnavailable))?.[1]
  return {
    maxUnavailable: Math.max(
      1,
      percent === undefined ? Number(maxUnavailable) : Math.floor((nodes * Number(percent)) / 100),
    ),
    minReadyMs: minReadySeconds * 1000,
    maxFailed,
    drain: {
      timeoutMs: parseDuration(drain?.timeout ?? defaults.drainTimeout) ?? 0,
      deleteEmptyDirData: drain?.deleteEmptyDirData ?? true,
      force: drain?.force ?? false,
    },
  }
}
