import type { z } from 'zod'
import { parseDuration } from '../lib/time.js'
import type { leaderElectionSchema } from './schema/leader-election.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

type Timings = z.infer<typeof leaderElectionSchema>

const keys = ['leaseDuration', 'renewDeadline', 'retryPeriod'] as const
type Key = (typeof keys)[number]

/** What the components do when nothing is said (k8s.io/component-base config/v1alpha1, RecommendedDefaultLeaderElectionConfiguration). */
const defaults: Readonly<Record<Key, string>> = {
  leaseDuration: '15s',
  renewDeadline: '10s',
  retryPeriod: '2s',
}

const flags: Readonly<Record<Key, string>> = {
  leaseDuration: 'leader-elect-lease-duration',
  renewDeadline: 'leader-elect-renew-deadline',
  retryPeriod: 'leader-elect-retry-period',
}

/** spec.leaseDurationSeconds of a Lease is a signed number of 32 bits; milliseconds. */
const longest = 2 ** 31 * 1000 - 1

/** client-go's JitterFactor (tools/leaderelection). */
const jitter = 1.2

/** Flags for timings that are not the default, which go unsaid, as kubeadm leaves them. */
export function leaderElectionFlags(timings: Timings = {}): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = timings[key]
      return value === undefined || parseDuration(value) === parseDuration(defaults[key])
        ? []
        : [[flags[key], value]]
    }),
  )
}

/** client-go's rules, with which a component would not start; and timings said twice. */
export function leaderElectionProblems(inventory: Inventory): Found[] {
  return (['controllerManager', 'scheduler'] as const).flatMap((component) => {
    const { leaderElection: timings, extraArgs = {} } = inventory[component] ?? {}
    if (!timings) return []
    const path = [component, 'leaderElection']
    // a flag beside them counts like them
    const value = (key: Key): string => timings[key] ?? extraArgs[flags[key]] ?? defaults[key]
    const unreadable = keys.filter((key) => parseDuration(value(key)) === undefined)
    const long = keys.filter((key) => (parseDuration(value(key)) ?? 0) > longest)
    const twice = keys.filter((key) => timings[key] !== undefined && extraArgs[flags[key]] !== undefined)
    return [
      ...unreadable.map(
        (key): Found => ({
          path: [...path, key],
          what: `${key} must be greater than 0`,
          write: `use a duration such as ${defaults[key]}`,
        }),
      ),
      ...long.map(
        (key): Found => ({
          path: [...path, key],
          what: `${key} ${value(key)} is longer than a Lease can say (2^31 - 1 s)`,
          write: `use a duration such as ${defaults[key]}`,
        }),
      ),
      ...twice.map(
        (key): Found => ({
          path: [component, 'extraArgs', flags[key]],
          key: true,
          what: `${flags[key]} and leaderElection.${key} set the same value`,
          write: 'remove one of them',
        }),
      ),
      ...(extraArgs['leader-elect'] === 'false'
        ? [
            {
              path: [component, 'extraArgs', 'leader-elect'],
              key: true,
              what: 'leaderElection has durations, but leader-elect is false',
              write: 'remove one of them',
            },
          ]
        : []),
      ...(unreadable.length + long.length > 0 ? [] : orderProblems(path, value)),
    ]
  })
}

function orderProblems(path: readonly string[], value: (key: Key) => string): Found[] {
  const ms = (key: Key): number => parseDuration(value(key)) ?? 0
  const said = (key: Key): string => `${key} ${value(key)}`
  if (ms('leaseDuration') <= ms('renewDeadline'))
    return [
      {
        path,
        what: `${said('leaseDuration')} is not longer than ${said('renewDeadline')}: two instances could lead at the same time`,
        write: `use a leaseDuration longer than renewDeadline (defaults ${defaults.leaseDuration}, ${defaults.renewDeadline})`,
      },
    ]
  if (ms('renewDeadline') <= jitter * ms('retryPeriod'))
    return [
      {
        path,
        what: `${said('renewDeadline')} is not longer than ${jitter} × ${said('retryPeriod')}: a leader would give up before its next attempt`,
        write: `use a shorter retryPeriod, about a fifth of renewDeadline (defaults ${defaults.renewDeadline}, ${defaults.retryPeriod})`,
      },
    ]
  return []
}
