import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Bundle, openBundle } from '../bundle/bundle.js'
import { verifyBundle } from '../bundle/verify-bundle.js'
import { withProgram } from '../bundle/with-program.js'
import { catalog } from '../catalog.js'
import { Late } from '../engine/late.js'
import type { OnCommand } from '../host/command-record.js'
import { readFacts } from '../host/facts/read-facts.js'
import type { Host } from '../host/host.js'
import { openHost } from '../host/open-host.js'
import { thisOperator } from '../host/operator.js'
import type { AtWork } from '../host/run-scripts.js'
import { HostSilent } from '../host/ssh/transport.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import type { Context } from '../phases/context.js'
import { kubeAccess } from '../phases/kube-access.js'
import { isControlPlane, isNode, type Machine } from '../phases/machine.js'
import { lookAtPlanes } from '../phases/planes.js'
import { readRegistries } from '../phases/registries.js'
import { type EtcdMaterials, etcdHostsOf, etcdMaterials, noEtcdMaterials } from './external-etcd.js'
import { Hands, type Turn } from './hands.js'

/** Everything a command on a cluster needs: connected machines, their facts, the plug-ins chosen. */
export interface Session {
  context: Context
  /** Undefined for a command that takes no notice of other runs. */
  hands: Hands | undefined
  /** Hosts that could not be used and may be away, with the reason. */
  away: readonly Away[]
  close(): Promise<void>
}

export interface Away {
  spec: HostSpec
  error: unknown
}

export interface SessionOptions {
  /** False for commands that only look: no bundle is needed then. */
  bundle?: boolean
  /** Hosts to connect to at all. Default every one. */
  only?: (host: HostSpec) => boolean
  /** Hosts that may be out of reach; they are then left out. Default none. */
  mayBeAway?: (host: HostSpec) => boolean
  /** False for commands that are of no use without any control plane: the error is then that of reaching one. */
  withoutControlPlane?: boolean
  /** Names of hosts that are about to be taken out: they lead nobody, and the API is asked elsewhere. */
  leaving?: readonly string[]
  /** How a host of the inventory is reached. Default: as the inventory says, SSH or this machine. */
  open?: (host: HostSpec) => Host
  /** What it does about other runs. Default: takes no notice of them. */
  turn?: Turn
  /** How long a TCP connection to a host may take, ms. Default 10 000. */
  connectMs?: number
  /** Told of each command on a host when it has ended. */
  onCommand?: OnCommand
}

/**
 * Checks the bundle and connects to every host at once. Nothing is changed.
 * Throws UserError: 'inventory' or 'preflight' for the bundle, 'connection' naming every host that
 * cannot be reached.
 */
export async function openSession(spec: ClusterSpec, options: SessionOptions = {}): Promise<Session> {
  const release = catalog.releaseFor(spec.version)
  const { connectMs } = options
  const operator = { ...thisOperator(), ...(connectMs === undefined ? {} : { connectMs }) }
  const open =
    options.open ?? ((host: HostSpec) => openHost(host, { onCommand: options.onCommand, operator }))
  const hosts = spec.hosts
    .filter(options.only ?? (() => true))
    .map((host) => ({ spec: host, host: open(host) }))
  const close = async (): Promise<void> => {
    await Promise.all(hosts.map(({ host }) => host.letGo().then(() => host.close())))
  }
  try {
    const [{ bundle, materials, registries }, { machines, hands, away }] = await Promise.all([
      options.bundle === false ? nothingToInstall : readMaterials(spec),
      connectAll(hosts, release.staticPods.caDirectories, options).then(async ({ machines, seen, away }) => ({
        ...(await inTurn(machines, seen, release.staticPods.caDirectories, options.turn)),
        away,
      })),
    ])
    const dataDir = spec.etcd.external ? undefined : spec.etcd.dataDir
    const [planes, etcdHosts] = await Promise.all([
      lookAtPlanes(machines, dataDir, options.leaving),
      etcdHostsOf(spec, machines, materials, options.leaving),
    ])
    const signing = { now: () => new Date(), random: randomBytes }
    const order = inOrderOf(planes.leader, machines, options.leaving)
    const kube = kubeAccess(order, spec.apiServer.bindPort, signing)
    const context: Context = {
      spec,
      release,
      runtime: catalog.runtimeFor(spec.runtime, spec.minor),
      network: pick(catalog.networks, spec.network),
      balancer: spec.loadBalancer && pick(catalog.balancers, spec.loadBalancer.type),
      bundle,
      registries,
      machines,
      planes,
      etcdHosts,
      etcdClient: materials.client,
      kube,
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
  } catch (error) {
    await close()
    throw error
  }
}

/** Whose the machines are; where another run was at work they are looked at again once what it did has ended. */
async function inTurn(
  machines: readonly Machine[],
  seen: ReadonlyMap<Host, AtWork>,
  caDirectories: readonly string[],
  turn: Turn | undefined,
): Promise<{ machines: readonly Machine[]; hands: Hands | undefined }> {
  if (!turn) return { machines, hands: undefined }
  const hands = await Hands.look(machines, seen, turn)
  if (!hands.stirred) return { machines, hands }
  const again = machines.map(
    async (machine): Promise<Machine> => ({
      ...machine,
      facts: await readFacts(machine.host, Date.now, caDirectories),
    }),
  )
  return { machines: await Promise.all(again), hands }
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

/**
 * A host that does not answer may be lost, which is another command; and so may one that is to leave and cannot be
 * reached at all.
 */
function orForgotten(reason: unknown, name: string, isLeaving: boolean): unknown {
  if (!(reason instanceof UserError) || reason.kind !== 'connection') return reason
  // of a bastion that does not answer several hosts may say the same
  if (!isLeaving && !(reason instanceof HostSilent && reason.host === name)) return reason
  const { host, why, next, cause, message } = reason
  const gone = isLeaving ? `if the host is lost: kubestrap reset --gone ${name}` : wayOut(name)
  return new UserError('connection', message, {
    cause,
    ...(host ? { host } : {}),
    ...(why ? { why } : {}),
    next: next ? `${next}\n→ ${gone}` : gone,
  })
}

/** What to do about a host that will not come back. */
export const wayOut = (name: string): string =>
  `if the host is lost: kubestrap reset --gone ${name}, and then remove it from the inventory`

/** Stands in where nothing will be installed; asking it for anything is a bug. */
const noBundle: Bundle = {
  directory: '',
  manifest: { format: 1, kubernetesVersion: '', arch: 'amd64', binaries: [], images: [] },
  binary: (name) => {
    throw new Error(`${name} was requested without a bundle`)
  },
  imagesFor: () => [],
  path: ({ file }) => {
    throw new Error(`${file} was requested without a bundle`)
  },
}

/** What a run installs from, read on this machine before anything is done. */
interface Materials {
  bundle: Bundle
  materials: EtcdMaterials
  registries: Context['registries']
}

const nothingToInstall: Materials = { bundle: noBundle, materials: noEtcdMaterials, registries: [] }

async function readMaterials(spec: ClusterSpec): Promise<Materials> {
  const [bundle, registries] = await Promise.all([
    trustedBundle(spec),
    readRegistries(spec, thisOperator().secrets),
  ])
  return { bundle, registries, materials: await etcdMaterials(spec, bundle) }
}

async function trustedBundle(spec: ClusterSpec): Promise<Bundle> {
  if (spec.binaries.bundle === undefined)
    throw new UserError('inventory', 'binaries.bundle is not set in the inventory', {
      next: 'set binaries: { bundle: DIRECTORY }',
    })
  const bundle = await openBundle(spec.binaries.bundle, spec.binaries.sha256)
  if (bundle.manifest.kubernetesVersion !== spec.version)
    throw new UserError(
      'inventory',
      `the bundle contains Kubernetes ${bundle.manifest.kubernetesVersion}, the inventory requires ${spec.version}`,
      {
        why: `${spec.at('kubernetes.version')}, ${spec.at('binaries.bundle')}`,
        next: 'use a bundle of that version, or set kubernetes.version to the version of the bundle',
      },
    )
  await verifyBundle(bundle, join(homedir(), '.cache', 'kubestrap', 'verified'))
  return withRuntimePrograms(spec, bundle)
}

/** The runtime's own programs are there too, from the inventory or the bundle; one that is not stops the run here. */
async function withRuntimePrograms(spec: ClusterSpec, bundle: Bundle): Promise<Bundle> {
  let whole = bundle
  for (const name of catalog.runtimeFor(spec.runtime, spec.minor).programs) {
    const path = spec.runtimePrograms[name]
    if (path !== undefined) whole = await withProgram(whole, name, path, spec.at('docker'))
    else if (bundle.manifest.binaries.every((entry) => entry.name !== name))
      throw new UserError(
        'inventory',
        `runtime ${spec.runtime} requires ${name} for Kubernetes ${spec.minor}`,
        {
          why: `neither the inventory (docker.criDockerd, ${spec.at('runtime')}) nor the bundle has it`,
          next: 'set docker: { criDockerd: PATH of the program }, add it to the bundle, or use runtime: containerd',
        },
      )
  }
  return whole
}

async function connectAll(
  hosts: readonly { spec: HostSpec; host: Host }[],
  caDirectories: readonly string[],
  { mayBeAway = () => false, withoutControlPlane = true, leaving = [], turn }: SessionOptions,
): Promise<{ machines: Machine[]; seen: ReadonlyMap<Host, AtWork>; away: Away[] }> {
  const seen = new Map<Host, AtWork>()
  const results = await Promise.allSettled(
    hosts.map(async ({ spec, host }): Promise<Machine> => {
      // both in one frame
      const [facts, runs] = await Promise.all([
        readFacts(host, Date.now, caDirectories),
        turn && host.atWork(),
      ])
      if (runs) seen.set(host, runs)
      const os = catalog.operatingSystems.find((family) => family.matches(facts))
      if (!os)
        throw new UserError('preflight', `${facts.os.name} is not supported`, {
          host: spec.name,
          next: `supported families: ${catalog.operatingSystems.map(({ id }) => id).join(', ')}`,
        })
      return { spec, host, facts, os }
    }),
  )
  const machines = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const needed = (spec: HostSpec): boolean =>
    !mayBeAway(spec) ||
    (!withoutControlPlane && spec.roles.includes('control-plane') && !machines.some(isControlPlane))
  const reasons: unknown[] = results.flatMap((result, i) => {
    const spec = hosts[i]?.spec
    if (result.status !== 'rejected' || !spec || !needed(spec)) return []
    return [orForgotten(result.reason, spec.name, leaving.includes(spec.name))]
  })
  // hosts behind one bastion fail by its one error
  const failures = [...new Set(reasons)]
  if (failures.length === 0) {
    const away = results.flatMap((result, i): Away[] => {
      const spec = hosts[i]?.spec
      return result.status === 'rejected' && spec ? [{ spec, error: result.reason }] : []
    })
    return { machines, seen, away }
  }
  const [first] = failures
  const users = failures.filter((failure) => failure instanceof UserError)
  if (users.length < failures.length || users.length === 1) throw first
  throw new UserError(users[0]?.kind ?? 'connection', `${users.length} hosts cannot be used`, {
    why: users
      .map(
        (error) =>
          `${error.host}: ${error.message}${error.why ? `\n  ${error.why.replaceAll('\n', '\n  ')}` : ''}${error.next ? `\n  → ${error.next}` : ''}`,
      )
      .join('\n'),
    next: 'nothing was changed',
  })
}

function pick<T extends { id: string }>(from: readonly T[], id: string): T {
  const found = from.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not in the catalog`)
  return found
}
