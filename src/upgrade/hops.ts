import { minorOf } from '../inventory/version.js'
import {
  isOfMinor,
  isOlder,
  knownRelease,
  minorAfter,
  minorsNewer,
  newestVersion,
  nodeLag,
  oldestVersion,
} from '../kubernetes/releases/versions.js'
import { after, broken, type HopMachine } from './hop-changes.js'
import { type NodeRuns, planeVersions, programsOf, runningPrograms, type UnknownRuns } from './node-runs.js'
import { awayBehind, downgrade, noVersion, type Refused, tooOldOrNew, unknownMinor } from './refused.js'
import type { Supply } from './supply.js'

/** A stage of an upgrade: first every API server, one after the other, then every kubelet. It is verified before the next. */
export interface Hop {
  /** The oldest version that it changes. */
  from: string
  to: string
  /** patch: every program stays in its minor. */
  kind: 'patch' | 'minor'
  /** kubestrap has created no cluster of the minor of `to` of real components yet. */
  untested: boolean
  /** The source of the inventory has `to`, as far as can be known without asking. */
  available: boolean
  machines: readonly HopMachine[]
}

/** What a wished version is to what runs. */
export type VersionWish =
  /** No API server yet. */
  | { kind: 'birth' }
  | { kind: 'none'; behind: readonly string[] }
  | {
      /** minors: more than one hop. */
      kind: 'patch' | 'minor' | 'minors'
      hops: readonly Hop[]
      /** Something runs the first hop's version already: an upgrade was begun, by kubestrap or by kubeadm, and is gone on with. */
      halfWay: boolean
      /** Hosts that are away, and stay older than the wished version. */
      behind: readonly string[]
    }
  | Refused

/** What runs, as far as it could be read. */
export interface Seen {
  /** Of machines that are nodes: a kubelet on any other is no part of the cluster. */
  nodes: readonly NodeRuns[]
  unknown: readonly UnknownRuns[]
}

/**
 * The hops from what runs to the wished version, or why there are none. API servers go minor by minor, as they may not skip one
 * (kubernetes.io/releases/version-skew-policy, "Supported component upgrade order"): each hop goes to the newest patch
 * release that the source has, or that an API server runs already, the last to what was wished. Kubelets come along with each
 * hop; those too old for the next API server go first, to the minor of the oldest that runs. No program is made older, but for a
 * kubelet of a newer patch release of the wished minor. Pure.
 * @param wished "1.36.3"
 */
export function hopsTo({ nodes, unknown }: Seen, wished: string, supply: Supply): VersionWish {
  if (unknown.length > 0) return noVersion(unknown)
  if (!knownRelease(wished)) return unknownMinor(wished)
  const servers = nodes.flatMap(({ host, apiServer }) =>
    apiServer === undefined ? [] : [{ host, version: apiServer }],
  )
  if (servers.length === 0) return { kind: 'birth' }
  const strange = servers.filter(({ version }) => !knownRelease(version))
  if (strange.length > 0) return tooOldOrNew(strange)
  const newer = newerThan(wished, nodes)
  if (newer.length > 0) return downgrade(wished, newer)
  const hops: Hop[] = []
  let state = nodes
  for (let to = nextStop(state, wished, supply); to !== undefined; to = nextStop(state, wished, supply)) {
    const machines = changesOf(state, to, wished)
    const problems = broken(state, machines)
    if (problems.length > 0) return awayBehind(to, problems)
    hops.push(hop(machines, to, supply))
    state = after(state, machines)
  }
  const behind = state
    .filter((node) => node.away === true && programsOf(node).some(({ version }) => isOlder(version, wished)))
    .map(({ host }) => host)
  const [first, ...others] = hops
  if (first === undefined) return { kind: 'none', behind }
  return {
    kind: others.length > 0 ? 'minors' : first.kind,
    hops,
    halfWay:
      isOlder(first.from, first.to) &&
      nodes.some((node) => programsOf(node).some(({ version }) => !isOlder(version, first.to))),
    behind,
  }
}

/** The version of the next hop; undefined when every machine that is reached has the wished one. */
function nextStop(nodes: readonly NodeRuns[], wished: string, supply: Supply): string | undefined {
  if (changesOf(nodes, wished, wished).length === 0) return undefined
  const reached = nodes.filter(({ away }) => away !== true)
  // without a control plane among them: kubelets alone are left
  const oldest = oldestVersion(reached.flatMap(planeVersions)) ?? wished
  if (minorsNewer(wished, oldest) <= 0) return wished
  const tooOld = reached.some(
    ({ kubelet }) => kubelet !== undefined && minorsNewer(oldest, kubelet) + 1 > nodeLag(kubelet),
  )
  const minor = tooOld ? minorOf(oldest) : minorAfter(oldest)
  return isOfMinor(wished, minor) ? wished : newestIn(minor, nodes, supply)
}

/** The version that stands for a minor between: what an API server runs of it already is never made older. */
function newestIn(minor: string, nodes: readonly NodeRuns[], supply: Supply): string | undefined {
  const running = nodes.flatMap(({ apiServer }) => apiServer ?? []).filter((one) => isOfMinor(one, minor))
  const known = supply.newestOf(minor) ?? knownRelease(minor)?.patch
  return newestVersion([...(known === undefined ? [] : [known]), ...running])
}

/** What a hop changes on machines that are reached. */
function changesOf(nodes: readonly NodeRuns[], to: string, wished: string): HopMachine[] {
  return nodes.flatMap((node): HopMachine[] => {
    if (node.away === true) return []
    const { host, kubelet } = node
    const from = oldestVersion(planeVersions(node))
    const plane = from !== undefined && isOlder(from, to) ? { controlPlane: { from, to } } : {}
    const stays = kubelet === undefined || (to === wished ? kubelet === to : !isOlder(kubelet, to))
    const worker = stays ? {} : { kubelet: { from: kubelet, to } }
    const machine: HopMachine = { host, ...plane, ...worker }
    return machine.controlPlane || machine.kubelet ? [machine] : []
  })
}

function hop(machines: readonly HopMachine[], to: string, supply: Supply): Hop {
  const froms = machines.flatMap(({ controlPlane, kubelet }) =>
    [controlPlane, kubelet].flatMap((change) => change?.from ?? []),
  )
  return {
    from: oldestVersion(froms) ?? to,
    to,
    kind: froms.every((from) => isOfMinor(from, minorOf(to))) ? 'patch' : 'minor',
    untested: knownRelease(to)?.untested ?? true,
    available: supply.has(to),
    machines,
  }
}

/** Programs that the wished version would make older; of kubelets those of a newer minor. */
const newerThan = (wished: string, nodes: readonly NodeRuns[]): string[] =>
  runningPrograms(nodes)
    .filter(({ program, version }) =>
      program === 'kubelet' ? minorsNewer(version, wished) > 0 : isOlder(wished, version),
    )
    .map(({ program, version, host }) => `${program} ${version} on ${host}`)
