import { NotYet } from '../../engine/late.js'
import {
  createEtcdClient,
  type EtcdClient,
  type EtcdMember,
  type EtcdStatus,
} from '../../kubernetes/client/etcd.js'
import type { Credentials } from '../../kubernetes/client/http.js'
import { etcdClientUrl, etcdPeerUrl } from '../../kubernetes/etcd/flags.js'
import type { Voter } from '../../kubernetes/etcd/quorum.js'
import { messageOf } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import type { Context } from '../context.js'
import { isControlPlane, type Machine } from '../machine.js'
import { certificatePath, keyPath } from '../pki/paths.js'

const clientPort = 2379

/** A cluster's etcd, seen from a machine whose member votes. */
export interface Etcd {
  /** The machine that is asked. */
  machine: Machine
  client: EtcdClient
  /** Of the member that is asked. */
  version: string
  /** Asks every voting member whether it takes part. */
  voters(members: readonly EtcdMember[]): Promise<Voter[]>
  /** Resolves when this member takes part; throws why not. */
  health(member: EtcdMember): Promise<void>
}

/** What etcd knows a machine's member by. */
export const peerUrlOf = ({ address }: { address: string }): string => etcdPeerUrl(address)

/** Machines in the order their members are to be asked: etcd hosts as they were seen; control planes, first the one that leads. */
export function etcdOrder({ etcdHosts, machines, planes: { leader, joining } }: Context): Machine[] {
  if (etcdHosts) return [...etcdHosts.order]
  const others = machines.filter(
    (machine) => isControlPlane(machine) && machine !== leader && !joining.has(machine.spec.name),
  )
  return [...(leader ? [leader] : []), ...others]
}

/** A member as people know it: by its name, or by its peer URL while it has none. */
export const shownName = ({ id, name, peerUrls }: EtcdMember): string => name || peerUrls[0] || id

/**
 * Does something with a cluster's etcd, through the first of these machines whose member answers and votes.
 * Throws NotYet while none has credentials, and with everyone's words when none answers.
 */
export async function withEtcd<T>(
  machines: readonly Machine[],
  work: (etcd: Etcd) => Promise<T>,
): Promise<T> {
  // all are read in one turn: questions to a host travel together
  const read = await Promise.all(
    machines.map(async (machine) => ({ machine, credentials: await etcdCredentials(machine) })),
  )
  const silent: string[] = []
  for (const { machine, credentials } of read) {
    if (!credentials) continue
    const client = openMember(machine, credentials)
    try {
      const status = await client.status()
      if (!status.learner && status.leader !== '0')
        return await work(etcdThrough(machine, credentials, client, status.version))
      silent.push(`${machine.spec.name}: ${status.learner ? 'a learner' : 'knows no leader'}`)
    } catch (error) {
      if (!(error instanceof Unreached)) throw error
      silent.push(`${machine.spec.name}: ${error.message}`)
    } finally {
      client.close()
    }
  }
  if (silent.length === 0) throw new NotYet('etcd')
  throw new Error(`no voting etcd member answers (${silent.join('; ')})`)
}

/** Kept apart from what `work` throws. */
class Unreached extends Error {}

/** What a machine's own member says of itself and, unless it is a learner, of the others. Throws when it does not. */
export async function askMember(machine: Machine): Promise<{
  machine: Machine
  credentials: Credentials
  status: EtcdStatus
  members: readonly EtcdMember[]
}> {
  const credentials = await etcdCredentials(machine)
  if (!credentials) throw new Error('the host has no certificates for etcd')
  const etcd = openMember(machine, credentials)
  try {
    const status = await etcd.status()
    return { machine, credentials, status, members: status.learner ? [] : await etcd.members() }
  } finally {
    etcd.close()
  }
}

/** The healthcheck client's files; undefined when they are not there. */
export async function etcdCredentials({ host }: Machine): Promise<Credentials | undefined> {
  const client = 'etcd/healthcheck-client'
  const read = await host.read({
    what: "read etcd's client certificate",
    script: 'for f in "$@"; do cat -- "$f" || exit 1; echo @; done 2>/dev/null',
    args: [certificatePath('etcd/ca'), certificatePath(client), keyPath(client)],
  })
  if (read.code !== 0) return undefined
  const [ca = '', cert = '', key = ''] = read.stdout.toString().split('@\n')
  return { ca, cert, key: new Secret(key) }
}

/**
 * A member through a machine: its own, or another's that it reaches.
 * @param clientUrl of the other, which errors name it by
 */
export function openMember(
  { host, spec }: Machine,
  credentials: Credentials,
  clientUrl?: string,
): EtcdClient {
  const { hostname, port } = new URL(clientUrl ?? etcdClientUrl(spec.address))
  const address = hostname.replace(/^\[|\]$/g, '')
  const client = createEtcdClient(
    clientUrl ?? spec.name,
    () => host.connection.openTcp(address, Number(port) || clientPort),
    credentials,
  )
  return {
    ...client,
    status: () =>
      client.status().catch((error: unknown) => {
        throw new Unreached(messageOf(error), { cause: error })
      }),
  }
}

function etcdThrough(machine: Machine, credentials: Credentials, client: EtcdClient, version: string): Etcd {
  const health = async ({ clientUrls: [url] }: EtcdMember): Promise<void> => {
    if (url === undefined) throw new Error('the member has not started')
    const other = openMember(machine, credentials, url)
    try {
      await other.health()
    } finally {
      other.close()
    }
  }
  return {
    machine,
    client,
    version,
    health,
    voters: (members) =>
      Promise.all(
        members
          .filter(({ learner }) => !learner)
          .map((member) =>
            health(member).then(
              () => ({ name: shownName(member), healthy: true }),
              () => ({ name: shownName(member), healthy: false }),
            ),
          ),
      ),
  }
}
