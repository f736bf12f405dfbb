import type { EtcdMember } from '../../kubernetes/client/etcd.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import { beginningMark, etcdUnitFile, foundingInUnit } from '../../kubernetes/etcd/unit.js'
import { isEtcdHost, type Machine } from '../machine.js'
import { askMember, peerUrlOf } from './access.js'

/** How the hosts with the role etcd stand to their cluster, seen before anything is planned. */
export interface EtcdHostsSeen {
  /** Those of the run as they are to be asked: first one that lives, last those that have nothing to say. */
  order: readonly Machine[]
  /** Names of those that start a cluster together which does not live yet. */
  founding: ReadonlySet<string>
  /** What founders are told; undefined when nobody has been told yet. */
  told: string | undefined
  /** Names of those without a voting member in a cluster that others have, also where somebody's data lies. */
  joining: ReadonlySet<string>
  /** Names of those that etcd knows already and that have no vote: an earlier run was cut. They go first. */
  halfAdded: ReadonlySet<string>
  /** Names of those on which nothing of ours is yet. */
  fresh: ReadonlySet<string>
  /** The members that one that lives lists, whoever has them; [] where none lives. */
  members: readonly EtcdMember[]
}

/** What one of them shows of itself. */
export interface EtcdHostState {
  name: string
  peerUrl: string
  /** It holds a member's data. */
  data: boolean
  /** It has our unit. */
  unit: boolean
  /** The initial cluster that its unit tells it, when that is a new one. */
  told: string | undefined
  /** It is marked: its member begins, and was not seen to take part yet. */
  marked: boolean
  /** Its member answers, has a vote and knows a leader. */
  living: boolean
  /** The members it lists; [] when it does not answer. */
  members: readonly EtcdMember[]
}

type Chosen = Omit<EtcdHostsSeen, 'order'> & { order: readonly string[] }

/**
 * Who founds, who joins, whom to ask. A cluster is founded while none of its data says that it has lived; after that a host
 * without data is one that lost them, or a new one, and joins. Pure.
 * @param states in the inventory's order; those that are about to leave last
 */
export function chooseEtcdHosts(states: readonly EtcdHostState[]): Chosen {
  const rank = ({ living, data }: EtcdHostState): number => (living ? 0 : data ? 1 : 2)
  const sorted = [...states].sort((a, b) => rank(a) - rank(b))
  const order = sorted.map(({ name }) => name)
  const fresh = new Set(states.filter(({ data, unit }) => !data && !unit).map(({ name }) => name))
  const living = states.find((one) => one.living)
  const holders = states.filter(({ data }) => data)
  if (!living && holders.every(({ marked }) => marked)) {
    const told = holders.find((one) => one.told !== undefined)?.told
    const among = ({ name, peerUrl }: EtcdHostState): boolean =>
      told === undefined || told.split(',').includes(`${name}=${peerUrl}`)
    const names = (of: readonly EtcdHostState[]): Set<string> => new Set(of.map(({ name }) => name))
    return {
      order,
      founding: names(states.filter(among)),
      told,
      joining: names(states.filter((one) => !among(one))),
      halfAdded: new Set(),
      fresh,
      members: [],
    }
  }
  const members = living?.members ?? []
  const votes = ({ peerUrl }: EtcdHostState): boolean =>
    members.some(({ name, learner, peerUrls }) => name !== '' && !learner && peerUrls.includes(peerUrl))
  const waiting = members.filter(({ name, learner }) => name === '' || learner)
  return {
    order,
    founding: new Set(),
    told: undefined,
    joining: new Set(states.filter((one) => !one.data || (living && !votes(one))).map(({ name }) => name)),
    halfAdded: new Set(
      states
        .filter(({ peerUrl }) => waiting.some(({ peerUrls }) => peerUrls.includes(peerUrl)))
        .map(({ name }) => name),
    ),
    fresh,
    members,
  }
}

/**
 * Looks at the hosts with the role etcd.
 * @param leaving names of hosts that are about to be taken out
 */
export async function lookAtEtcdHosts(
  machines: readonly Machine[],
  dataDir: string,
  leaving: readonly string[] = [],
): Promise<EtcdHostsSeen> {
  const hosts = machines.filter(isEtcdHost)
  const stay = hosts.filter(({ spec }) => !leaving.includes(spec.name))
  const ordered = [...stay, ...hosts.filter((one) => !stay.includes(one))]
  const states = await Promise.all(ordered.map((machine) => stateOf(machine, dataDir)))
  const { order, ...seen } = chooseEtcdHosts(states)
  return { ...seen, order: order.flatMap((name) => ordered.find(({ spec }) => spec.name === name) ?? []) }
}

async function stateOf(machine: Machine, dataDir: string): Promise<EtcdHostState> {
  const { host, spec } = machine
  const [data, unit, mark, answer] = await Promise.all([
    host.stat(writeAheadLog(dataDir)),
    host.stat(etcdUnitFile, { content: true }),
    host.stat(beginningMark),
    // whatever keeps it from answering will be met, and told, by the step that needs it
    askMember(machine).catch(() => undefined),
  ])
  const text = unit.kind === 'file' ? (unit.content?.toString() ?? '') : ''
  const founding = foundingInUnit(text)
  const status = answer?.status
  return {
    name: spec.name,
    peerUrl: peerUrlOf(spec),
    data: data.kind !== 'absent',
    unit: unit.kind !== 'absent',
    told: founding?.initialClusterState === 'existing' ? undefined : founding?.initialCluster,
    marked: mark.kind !== 'absent',
    living: data.kind !== 'absent' && status !== undefined && !status.learner && status.leader !== '0',
    members: answer?.members ?? [],
  }
}
