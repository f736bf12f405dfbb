import type { Context } from '../cluster/context.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { openSession } from '../workflows/session/session.js'
import { inventoryOf } from './inventory.js'

export interface WithSessionOptions {
  /** Hosts to connect to. Default all. */
  only?: (host: HostSpec) => boolean
  /** Hosts whose absence does not matter. Default none. */
  mayBeAway?: (host: HostSpec) => boolean
  /** False: one control plane at least must be reached, whoever may be away. */
  withoutControlPlane?: boolean
}

/** Hosts that answer for the cluster: any control plane. */
export const anyControlPlane: WithSessionOptions = {
  only: ({ roles }) => roles.includes('control-plane'),
  mayBeAway: () => true,
  withoutControlPlane: false,
}

/** Reads the inventory, connects, does something with the cluster, and lets go of it again. */
export async function withSession<T>(
  values: Record<string, unknown>,
  work: (context: Context, spec: ClusterSpec) => Promise<T>,
  options: WithSessionOptions = {},
): Promise<T> {
  const spec = await inventoryOf(values)
  const session = await openSession(spec, { bundle: false, ...options })
  try {
    return await work(session.context, session.context.spec)
  } finally {
    await session.close()
  }
}
