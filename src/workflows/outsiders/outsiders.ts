import type { Context } from '../../cluster/context.js'
import { NotYet } from '../../engine/late.js'
import { openHost } from '../../host/open-host.js'
import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import { internalAddress, nameOf } from '../../kubernetes/read.js'
import { isBug, UserError } from '../../lib/errors.js'
import { authoritiesOn, lookAtOutsider } from '../../steps/reset/outsider.js'
import { openSession } from '../session/session.js'
import { type ClusterSeen, placed } from './placed.js'

/**
 * The inventory with hosts that it does not have, by their addresses: each is looked at, and so is the cluster, whether
 * they belong together. Nothing is changed. Throws UserError: 'connection' for a host that cannot be reached, and as `placed`.
 */
export async function withOutsiders(
  spec: ClusterSpec,
  addresses: readonly string[],
  anyCluster: boolean,
): Promise<{ spec: ClusterSpec; names: string[] }> {
  const [cluster, seen] = await Promise.all([
    lookAtCluster(spec),
    Promise.all(
      addresses.map(async (address) => {
        const base = spec.outsider(address)
        const host = openHost(base)
        try {
          return { base, seen: await lookAtOutsider(host) }
        } finally {
          await host.close()
        }
      }),
    ),
  ])
  const hosts = seen.map((one) => placed(spec, one.base, one.seen, cluster, anyCluster))
  return { spec: joined(spec, hosts), names: hosts.map(({ name }) => name) }
}

/** The same inventory with more hosts, also once it has what a living cluster has, or another version. */
const joined = (spec: ClusterSpec, hosts: readonly HostSpec[]): ClusterSpec => ({
  ...spec,
  hosts: [...spec.hosts, ...hosts],
  keeping: (kept) => joined(spec.keeping(kept), hosts),
  atVersion: (version) => joined(spec.atVersion(version), hosts),
})

const carriesAuthorities = ({ roles }: HostSpec): boolean =>
  roles.includes('control-plane') || roles.includes('etcd')

async function lookAtCluster(spec: ClusterSpec): Promise<ClusterSeen> {
  if (spec.hosts.filter(carriesAuthorities).every(({ state }) => state === 'down')) return nothing
  const session = await openSession(spec, {
    bundle: false,
    only: carriesAuthorities,
    mayBeAway: (_, error) => error instanceof UserError && error.kind === 'connection',
  })
  try {
    const { context } = session
    const [found, nodes] = await Promise.all([
      Promise.all(context.machines.map(({ host }) => authoritiesOn(host))),
      nodesOf(context),
    ])
    return {
      authorities: {
        kubernetes: found.flatMap(({ kubernetes }) => kubernetes),
        etcd: found.flatMap(({ etcd }) => etcd),
      },
      nodes,
    }
  } finally {
    await session.close()
  }
}

const nothing: ClusterSeen = { authorities: { kubernetes: [], etcd: [] }, nodes: undefined }

/** Undefined where the API does not answer: what asks for a Node later says why. */
async function nodesOf({ kube }: Context): Promise<ClusterSeen['nodes']> {
  try {
    const nodes = await (await kube()).list({ apiVersion: 'v1', kind: 'Node' })
    return nodes.map((node) => ({ name: nameOf(node), address: internalAddress(node) }))
  } catch (error) {
    if (isBug(error) && !(error instanceof NotYet)) throw error
    return undefined
  }
}
