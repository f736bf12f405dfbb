import { servedRelease } from '../../cluster/cluster-release.js'
import type { Context } from '../../cluster/context.js'
import { etcdOrder, withEtcd } from '../../cluster/etcd/access.js'
import { NotYet } from '../../engine/late.js'
import { openHost } from '../../host/open-host.js'
import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { at, internalAddress, nameOf } from '../../kubernetes/read.js'
import { isBug, UserError } from '../../lib/errors.js'
import { authoritiesOn, lookAtOutsider } from '../../steps/reset/outsider.js'
import { openSession, type SessionOptions } from '../session/session.js'
import { type Has, lostHost } from './lost.js'
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
        } catch (error) {
          throw orLost(error, address)
        } finally {
          await host.close()
        }
      }),
    ),
  ])
  const hosts = seen.map((one) => placed(spec, one.base, one.seen, cluster, anyCluster))
  return { spec: joined(spec, hosts), names: hosts.map(({ name }) => name) }
}

/** A host that cannot be reached may be lost, which is asked for in another way. */
function orLost(error: unknown, address: string): unknown {
  if (!(error instanceof UserError) || error.kind !== 'connection') return error
  const { kind, message, host, why, next } = error
  const lost = `if the host is lost: kubestrap reset --gone ${address}`
  return new UserError(kind, message, {
    cause: error,
    ...(host ? { host } : {}),
    ...(why ? { why } : {}),
    next: next ? `${next}\n→ ${lost}` : lost,
  })
}

/**
 * The inventory with hosts that it does not have and that are lost, by their addresses: as the cluster still has them. They
 * are not connected to, and nothing is changed. Throws UserError: 'connection' where the cluster cannot be asked, and as `lostHost`.
 * @param open how a host of the inventory is reached. Default: as the inventory says
 */
export async function withLost(
  spec: ClusterSpec,
  addresses: readonly string[],
  open?: SessionOptions['open'],
): Promise<{ spec: ClusterSpec; names: string[] }> {
  const has = await askWhatItHas(spec, addresses, open)
  const hosts = addresses.map((address) => lostHost(spec, spec.outsider(address), has))
  return { spec: joined(spec, hosts), names: hosts.map(({ name }) => name) }
}

async function askWhatItHas(
  spec: ClusterSpec,
  addresses: readonly string[],
  open: SessionOptions['open'],
): Promise<Has> {
  const session = await openSession(spec, {
    bundle: false,
    only: carriesAuthorities,
    mayBeAway: isUnreached,
    ...(open ? { open } : {}),
  })
  try {
    const { context } = session
    const [nodes, members] = await Promise.all([(await context.kube()).list(ofNodes), membersOf(context)])
    const labels = Object.keys(servedRelease(context).node.labels)
    return {
      nodes: nodes.map((node) => ({
        name: nameOf(node),
        address: internalAddress(node),
        controlPlane: labels.some((label) => at(node, 'metadata', 'labels', label) !== undefined),
      })),
      members,
    }
  } catch (error) {
    if (isBug(error) && !(error instanceof NotYet)) throw error
    throw new UserError('connection', `could not ask the cluster what it has of ${addresses.join(', ')}`, {
      why: error instanceof Error ? error.message : String(error),
      next: 'nothing was changed; the API and etcd must answer for that (kubestrap status)',
      cause: error,
    })
  } finally {
    await session.close()
  }
}

/** None of an etcd that is somebody else's. */
const membersOf = (context: Context): Promise<readonly EtcdMember[]> =>
  context.spec.etcd.external && !context.etcdHosts
    ? Promise.resolve([])
    : withEtcd(etcdOrder(context), ({ client }) => client.members())

/** The same inventory with more hosts, also once it has what a living cluster has, or another version. */
const joined = (spec: ClusterSpec, hosts: readonly HostSpec[]): ClusterSpec => ({
  ...spec,
  hosts: [...spec.hosts, ...hosts],
  keeping: (kept) => joined(spec.keeping(kept), hosts),
  atVersion: (version) => joined(spec.atVersion(version), hosts),
})

const isUnreached = (_: HostSpec, error: unknown): boolean =>
  error instanceof UserError && error.kind === 'connection'

const ofNodes = { apiVersion: 'v1', kind: 'Node' }

const carriesAuthorities = ({ roles }: HostSpec): boolean =>
  roles.includes('control-plane') || roles.includes('etcd')

async function lookAtCluster(spec: ClusterSpec): Promise<ClusterSeen> {
  if (spec.hosts.filter(carriesAuthorities).every(({ state }) => state === 'down')) return nothing
  const session = await openSession(spec, {
    bundle: false,
    only: carriesAuthorities,
    mayBeAway: isUnreached,
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
    const nodes = await (await kube()).list(ofNodes)
    return nodes.map((node) => ({ name: nameOf(node), address: internalAddress(node) }))
  } catch (error) {
    if (isBug(error) && !(error instanceof NotYet)) throw error
    return undefined
  }
}
