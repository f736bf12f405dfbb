import { type Context, controlPlanes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { messageOf } from '../lib/errors.js'
import { askEndpoint, planeCredentials } from '../steps/etcd/external-client.js'

/** What a control plane learned of an etcd that is not ours. */
export interface ExternalEtcdSeen {
  /** The control plane's name. */
  from: string
  /** '' when its client's files are not there: then nothing was asked. */
  endpoint: string
  /** "3.4.23"; '' when it did not say. */
  version: string
  /** Why it is of no use; undefined when it is well. */
  problem: string | undefined
}

/** Asks each endpoint from each of these control planes; nothing where etcd is ours. */
export async function lookAtExternalEtcd(
  context: Context,
  wanted: (machine: Machine) => boolean,
): Promise<ExternalEtcdSeen[]> {
  if (!context.spec.etcd.external || context.etcdHosts) return []
  const seen = await Promise.all(
    controlPlanes(context)
      .filter(wanted)
      .map((machine) => lookFrom(context, machine)),
  )
  return seen.flat()
}

async function lookFrom(context: Context, machine: Machine): Promise<ExternalEtcdSeen[]> {
  const from = machine.spec.name
  const credentials = await planeCredentials(context, machine)
  const { external } = context.spec.etcd
  if (!credentials)
    return [
      {
        from,
        endpoint: '',
        version: '',
        problem: `${external?.caFile}, ${external?.certFile} and ${external?.keyFile} are incomplete`,
      },
    ]
  return Promise.all(
    (external?.endpoints ?? []).map(async (endpoint): Promise<ExternalEtcdSeen> => {
      try {
        const { version, unhealthy } = await askEndpoint(machine, credentials, endpoint)
        return { from, endpoint, version, problem: unhealthy }
      } catch (error) {
        return {
          from,
          endpoint,
          version: '',
          problem: messageOf(error),
        }
      }
    }),
  )
}
