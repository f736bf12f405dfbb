import { randomBytes } from 'node:crypto'
import { catalog } from '../../catalog.js'
import type { Context } from '../../cluster/context.js'
import { kubeAccess } from '../../cluster/kube-access.js'
import { isNode, type Machine } from '../../cluster/machine.js'
import { lookAtPlanes } from '../../cluster/planes.js'
import { released } from '../../cluster/with-releases.js'
import { Late } from '../../engine/late.js'
import type { OnCommand } from '../../host/command-record.js'
import type { Host } from '../../host/host.js'
import { openHost } from '../../host/open-host.js'
import { thisOperator } from '../../host/operator.js'
import { streamsAtOnce, streamsOfOne } from '../../host/streams.js'
import { peerAddresses } from '../../host/transfer/peer-addresses.js'
import { Transfers } from '../../host/transfer/transfers.js'
import { hostsWithRole } from '../../inventory/select.js'
import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { Turns } from '../../lib/turns.js'
import { unlessAborted } from '../../lib/unless-aborted.js'
import { within } from '../../lib/within.js'
import type { Hands } from '../hands.js'
import { asHostsHave } from './as-hosts-have.js'
import { asItLives } from './as-it-lives.js'
import { type Away, type ConnectOptions, connectAll } from './connect.js'
import { etcdHostsOf } from './external-etcd.js'
import { inTurn } from './in-turn.js'
import { lockedPlanes } from './locked-planes.js'
import { completeMaterials, type Materials, nothingToInstall, openMaterials } from './materials.js'
import { noPrograms, programsOf, projectReleasesOf, repositoriesOf, runtimeOf } from './programs.js'
import { withBrought } from './with-brought.js'

/** Everything a command on a cluster needs: connected machines, their facts, the plug-ins chosen. */
export interface Session {
  context: Context
  /** Undefined for a command that takes no notice of other runs. */
  hands: Hands | undefined
  /** Hosts that could not be used and may be away, with the reason. */
  away: readonly Away[]
  close(): Promise<void>
}

export interface SessionOptions extends ConnectOptions {
  /** False for commands that only look: no bundle is needed then, and nothing is fetched. */
  bundle?: boolean
  /** False for commands that look at what is there: digests are those that were fetched before. */
  fetch?: boolean
  /** Which version of Kubernetes a host should run. Default: every one that of the inventory. */
  versionOf?: (host: HostSpec, spec: ClusterSpec) => string
  /** Hosts to connect to at all. Default every one. */
  only?: (host: HostSpec) => boolean
  /** Also hosts that the inventory declares down. Default false. */
  downToo?: boolean
  /** How a host of the inventory is reached. Default: as the inventory says, SSH or this machine. */
  open?: (host: HostSpec) => Host
  /** How long a TCP connection to a host may take, ms. Default 10 000. */
  connectMs?: number
  /** Told of each command on a host when it has ended. */
  onCommand?: OnCommand
  /** How many programs and images are sent at once, to all hosts together. Default 8. */
  concurrentUploads?: number
  /** Ends the connecting when it is aborted, and lets nothing more be sent. What else is done with the session does not listen to it. */
  signal?: AbortSignal
}

/** How long an interrupted command may still take to tell hosts that it lets them go. */
const goodbyeMs = 300

/**
 * Checks the bundle, connects to every host at once, and fetches the digests of what hosts will download. Nothing is
 * changed. Throws UserError: 'inventory' or 'preflight' for the bundle and the digests, 'connection' naming every host that
 * cannot be reached, 'interrupted' as soon as the signal is aborted, whatever it waits for.
 */
export async function openSession(spec: ClusterSpec, options: SessionOptions = {}): Promise<Session> {
  const { connectMs, signal } = options
  const operator = { ...thisOperator(), ...(connectMs === undefined ? {} : { connectMs }) }
  const atOnce = options.concurrentUploads ?? streamsAtOnce
  const streams = new Turns(atOnce, streamsOfOne(atOnce, spec.hosts.length))
  const transfers = new Transfers(peerAddresses(spec.hosts))
  signal?.addEventListener(
    'abort',
    () => {
      streams.stop(notBegun)
      transfers.stop(notBegun)
    },
    { once: true },
  )
  const open =
    options.open ??
    ((host: HostSpec) => openHost(host, { onCommand: options.onCommand, operator, streams, transfers }))
  const inQuestion = spec.hosts.filter(options.only ?? (() => true))
  const down = inQuestion.filter(({ state }) => state === 'down' && options.downToo !== true)
  refuseAllDown(inQuestion, down)
  const hosts = inQuestion
    .filter((host) => !down.includes(host))
    .map((host) => ({ spec: host, host: open(host) }))
  const close = async (letGo = (host: Host) => host.letGo()): Promise<void> => {
    await Promise.all(hosts.map(({ host }) => letGo(host)))
    // with the control planes goes the lock: the next run finds hosts that are nobody's
    await Promise.all(hosts.map(({ host }) => host.close()))
  }
  const opening = prepare(spec, { hosts, down }, transfers, close, options)
  try {
    return await (signal ? unlessAborted(signal, opening) : opening)
  } catch (error) {
    if (!signal?.aborted) {
      await close()
      throw error
    }
    opening.then(
      (late) => late.close(),
      () => {},
    )
    await close((host) => within(goodbyeMs, host.letGo()).catch(() => {}))
    throw new UserError('interrupted', 'interrupted while connecting to the hosts', {
      next: 'nothing was changed; run again',
      cause: error,
    })
  }
}

/** Throws UserError('inventory') when no control plane is left to ask. */
function refuseAllDown(all: readonly HostSpec[], down: readonly HostSpec[]): void {
  const planes = hostsWithRole({ hosts: all }, 'control-plane')
  const [first] = planes
  if (first === undefined || planes.some((plane) => !down.includes(plane))) return
  throw new UserError('inventory', 'every control plane node has state: down', {
    why: planes.map(({ name, at }) => `${name}, ${at}`).join('\n'),
    next: 'remove state: down from one of them, and start it',
  })
}

/** Of a host that the inventory declares down. */
const declaredDown = ({ name, at }: HostSpec): UserError =>
  new UserError('connection', 'state: down in the inventory', {
    host: name,
    why: at,
    next: `remove state: down when ${name} is back`,
  })

const notBegun = new UserError('interrupted', 'interrupted before it was sent', {
  next: 'run again to finish',
})

/** Reads and connects; see openSession. */
async function prepare(
  written: ClusterSpec,
  { hosts, down }: { hosts: readonly { spec: HostSpec; host: Host }[]; down: readonly HostSpec[] },
  transfers: Transfers,
  close: () => Promise<void>,
  options: SessionOptions,
): Promise<Session> {
  const { caDirectories } = catalog
  const connecting = connectAll(hosts, caDirectories, options).then(async ({ connected, seen, away }) => ({
    ...(await inTurn(
      connected,
      seen,
      caDirectories,
      options.turn,
      lockedPlanes(written.hosts, connected, options.leaving?.hosts),
    )),
    away: [...away, ...down.map((spec) => ({ spec, error: declaredDown(spec) }))],
  }))
  const keeping =
    written.unset.length === 0
      ? Promise.resolve(written)
      : connecting.then(({ connected }) => asItLives(written, connected))
  const settling = Promise.all([connecting, keeping]).then(([{ connected }, kept]) =>
    asHostsHave(kept, connected, options.bundle !== false),
  )
  const [sources, { connected, hands, away }, spec] = await Promise.all([
    options.bundle === false ? nothingToInstall : materialsOf(written, keeping),
    connecting,
    settling,
  ])
  const { versionOf = (_, { version }) => version } = options
  const { bundle, materials, registries, repositoryKeys, volumeFiles } = sources
  const machines = connected.map((one) =>
    released(withBrought(one, bundle), catalog.releaseFor(versionOf(one.spec, spec))),
  )
  const fetching = { ca: sources.ca, signal: options.signal, keptOnly: options.fetch === false }
  const leaving = options.leaving?.hosts
  const dataDir = spec.etcd.external ? undefined : spec.etcd.dataDir
  const [planes, etcdHosts, programs, kubernetesRepositories, projectReleases] = await Promise.all([
    lookAtPlanes(
      machines,
      dataDir,
      leaving,
      away.some(({ spec: { roles } }) => roles.includes('control-plane')),
    ),
    etcdHostsOf(spec, machines, materials, leaving),
    options.bundle === false ? noPrograms : programsOf(spec, bundle, machines, fetching),
    options.bundle === false ? {} : repositoriesOf(spec, machines, fetching),
    options.bundle === false ? {} : projectReleasesOf(spec, machines, fetching),
  ])
  const signing = { now: () => new Date(), random: randomBytes }
  const order = inOrderOf(planes.leader, machines, leaving)
  const kube = kubeAccess(order, spec.apiServer.bindPort, signing)
  const context: Context = {
    spec,
    runtime: runtimeOf(spec),
    network: pick(catalog.networks, spec.network),
    balancer: spec.loadBalancer && pick(catalog.balancers, spec.loadBalancer.type),
    bundle,
    programs,
    proxy: sources.proxy,
    kubernetesRepositories,
    projectReleases,
    registries,
    repositoryKeys,
    volumeFiles,
    machines,
    away: new Set(away.map(({ spec: { name } }) => name)),
    planes,
    etcdHosts,
    etcdClient: materials.client,
    kube,
    transfers,
    ...(hands ? { expectAbsence: (host: Host) => hands.expectAbsence(host) } : {}),
    authorities: new Late('the certificate authorities'),
    podCidrs: new Map(
      machines.filter(isNode).map((m) => [m.spec.name, new Late(`the pod subnet of ${m.spec.name}`)]),
    ),
    ...signing,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }
  return {
    context,
    hands,
    away,
    close: async () => {
      kube.close()
      await close()
    },
  }
}

/** What is to be read is read while hosts are connected to, and completed when the inventory is settled. */
async function materialsOf(written: ClusterSpec, settling: Promise<ClusterSpec>): Promise<Materials> {
  const opened = await openMaterials(written)
  return completeMaterials(await settling, opened)
}

/** Machines as the API is asked through them: first the one that leads, last those that leave. */
function inOrderOf(
  leader: Machine | undefined,
  machines: readonly Machine[],
  leaving: readonly string[] = [],
): Machine[] {
  const rank = (machine: Machine): number =>
    machine === leader ? 0 : leaving.includes(machine.spec.name) ? 2 : 1
  return [...machines].sort((a, b) => rank(a) - rank(b))
}

function pick<T extends { id: string }>(from: readonly T[], id: string): T {
  const found = from.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not in the catalog`)
  return found
}
