import type { EtcdMember, EtcdStatus } from '../kubernetes/client/etcd.js'
import { writeAheadLog } from '../kubernetes/etcd/data.js'
import { etcdCredentials, openMember, peerUrlOf } from './etcd/access.js'
import { isControlPlane, type Machine } from './machine.js'

/** How the control planes of a run stand to the cluster, seen before anything is planned. */
export interface Planes {
  /**
   * The one a run goes from: any that is a living member of the cluster; where there is no cluster, the one it
   * is born on. Undefined: no control plane is in the run.
   */
  leader: Machine | undefined
  /** Names of those without a voting member, also where somebody's data lies: their kubelets wait for its API, their manifests for etcd. */
  joining: ReadonlySet<string>
  /** Names of those that etcd knows already and that have no vote: an earlier run was cut. They go first. */
  halfAdded: ReadonlySet<string>
  /**
   * Names of those whose living member does not know the leader's: the first of a cluster that lost its data, or was
   * taken out and came back, which its manifest then lets begin anew (kubeadm's `initial-cluster` names it alone).
   */
  estranged: ReadonlySet<string>
}

/** What one control plane shows of itself. */
export interface PlaneState {
  name: string
  peerUrl: string
  /** It holds an etcd member's data (with external etcd: an API server's manifest). */
  data: boolean
  /** It has the key of the cluster's authority. */
  authority: boolean
  /** Its member answers, has a vote and knows a leader. */
  living: boolean
  /** The members it lists; [] when it is not asked or does not answer. */
  members: readonly EtcdMember[]
}

/**
 * Who leads: a living member, of several the one that knows most others; else one with a member's data, which may only have to be started; else one with the
 * authorities, on which a birth was cut; else the first of the inventory. Pure.
 * @param states in the inventory's order; those that are about to leave last
 */
export function choosePlanes(states: readonly PlaneState[]): {
  leader: string | undefined
  joining: string[]
  halfAdded: string[]
  estranged: string[]
} {
  // one that began anew, alone, must not speak for the cluster it was of
  const [mostKnown] = states
    .filter(({ living }) => living)
    .toSorted((a, b) => b.members.length - a.members.length)
  const leader =
    mostKnown ?? states.find(({ data }) => data) ?? states.find(({ authority }) => authority) ?? states[0]
  // with nobody to ask, whoever has data may have to be started for the rest to live
  const voteless = ({ peerUrl }: PlaneState): boolean =>
    leader?.living === true &&
    !leader.members.some(
      ({ name, learner, peerUrls }) => name !== '' && !learner && peerUrls.includes(peerUrl),
    )
  const listed = ({ peerUrl }: PlaneState, members: readonly EtcdMember[] = []): boolean =>
    members.some(({ peerUrls }) => peerUrls.includes(peerUrl))
  const waiting = (leader?.members ?? []).filter(({ name, learner }) => name === '' || learner)
  return {
    leader: leader?.name,
    joining: states.filter((one) => one !== leader && (!one.data || voteless(one))).map(({ name }) => name),
    halfAdded: states
      .filter(({ peerUrl }) => waiting.some(({ peerUrls }) => peerUrls.includes(peerUrl)))
      .map(({ name }) => name),
    estranged: states
      .filter(
        (one) => one !== leader && one.living && leader?.living === true && !listed(leader, one.members),
      )
      .map(({ name }) => name),
  }
}

/**
 * Looks at the control planes. The only one of a cluster is not asked: it leads.
 * @param dataDir etcd's; undefined with an etcd that is not ours
 * @param leaving names of hosts that are about to be taken out
 * @param away whether the cluster has control planes that are not among the machines
 */
export async function lookAtPlanes(
  machines: readonly Machine[],
  dataDir: string | undefined,
  leaving: readonly string[] = [],
  away = false,
): Promise<Planes> {
  const planes = machines.filter(isControlPlane)
  const [only, ...others] = planes
  if (only === undefined || (others.length === 0 && !away))
    return { leader: only, joining: new Set(), halfAdded: new Set(), estranged: new Set() }
  const stay = planes.filter(({ spec }) => !leaving.includes(spec.name))
  const ordered = [...stay, ...planes.filter((plane) => !stay.includes(plane))]
  const states = await Promise.all(ordered.map((machine) => stateOf(machine, dataDir)))
  const { leader, joining, halfAdded, estranged } = choosePlanes(states)
  return {
    leader: planes.find(({ spec }) => spec.name === leader),
    joining: new Set(joining),
    halfAdded: new Set(halfAdded),
    estranged: new Set(estranged),
  }
}

async function stateOf(machine: Machine, dataDir: string | undefined): Promise<PlaneState> {
  const { host, spec } = machine
  const part =
    dataDir === undefined ? '/etc/kubernetes/manifests/kube-apiserver.yaml' : writeAheadLog(dataDir)
  const [data, key, credentials] = await Promise.all([
    host.stat(part),
    host.stat('/etc/kubernetes/pki/ca.key'),
    dataDir === undefined ? undefined : etcdCredentials(machine),
  ])
  const state = {
    name: spec.name,
    peerUrl: peerUrlOf(spec),
    data: data.kind !== 'absent',
    authority: key.kind !== 'absent',
  }
  if (!state.data || !credentials) return { ...state, living: false, members: [] }
  const client = openMember(machine, credentials)
  try {
    const [status, members]: [EtcdStatus, EtcdMember[]] = await Promise.all([
      client.status(),
      client.members(),
    ])
    return { ...state, living: !status.learner && status.leader !== '0', members }
  } catch {
    // whatever keeps it from answering will be met, and told, by the step that needs it
    return { ...state, living: false, members: [] }
  } finally {
    client.close()
  }
}
