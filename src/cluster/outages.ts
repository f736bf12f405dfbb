import type { Disruption } from '../engine/step.js'

/**
 * The longest time without an answer while one of several is interrupted, seconds, as clients saw it that read and wrote
 * ten times a second on a lab of 3+2 (docs/tasks/control-planes.md, "What a loss costs"; test/by-hand/failover.test.ts): an API server
 * killed, the active balancer without power, etcd's leader killed. Of nodes nothing was measured.
 */
export const measuredOutages = { api: 0.3, balancer: 0.7, etcd: 1.7 } as const satisfies Partial<
  Record<Disruption, number>
>
