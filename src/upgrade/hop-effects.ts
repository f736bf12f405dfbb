import { versionOf } from '../cluster/context.js'
import { measuredOutages } from '../cluster/outages.js'
import { hostsWithRole } from '../inventory/select.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { minorOf } from '../inventory/version.js'
import { isOfMinor, knownRelease, oldestVersion } from '../kubernetes/releases/versions.js'
import type { HopMachine } from './hop-changes.js'
import type { Hop } from './hops.js'

/** What a hop does to one host. */
export interface HostEffect {
  host: string
  /** Static Pods that are replaced: "kube-apiserver". */
  recreates: readonly string[]
  /** Units that are restarted. */
  restarts: readonly string[]
  /** The node is drained before its kubelet changes, and uncordoned afterwards. */
  drained: boolean
}

/** What a hop does to the cluster. */
export interface HopEffects {
  hosts: readonly HostEffect[]
  /** Workloads whose Pods are replaced, when the last control plane is upgraded. */
  workloads: readonly string[]
  /** The longest time without an answer, seconds; null: with one control plane, as long as its restart takes. */
  apiGapSeconds: number | null
  /** About how long it takes, seconds. An estimate: see `estimated`. */
  seconds: number
}

/**
 * Seconds that a stage takes on one machine: no measurement yet, but what births and drains on the lab take (a static Pod
 * replaced and ready: 5 to 15 s each; a kubelet restarted and Ready: 10 s), with something to spare.
 */
export const estimated = { staticPod: 15, kubelet: 15, drain: 30, verify: 20 } as const

/**
 * What a hop interrupts, and about how long it takes. Pure. A node is drained where its kubelet changes its minor
 * (kubernetes.io/releases/version-skew-policy, "Before performing a minor version kubelet upgrade, drain pods from that
 * node"); a patch release restarts the kubelet alone. Control planes go one by one, workers as rollout.maxUnavailable allows.
 */
export function hopEffects(spec: ClusterSpec, hop: Hop): HopEffects {
  const pods = planePods(spec, hop)
  const hosts = hop.machines.map((machine) => hostEffect(machine, pods))
  const planes = new Set(hostsWithRole(spec, 'control-plane').map(({ name }) => name))
  const one = (effect: HostEffect): number =>
    effect.recreates.length * estimated.staticPod +
    (effect.restarts.length > 0 ? estimated.kubelet : 0) +
    (effect.drained ? estimated.drain : 0)
  const [own, others] = [
    hosts.filter(({ host }) => planes.has(host)),
    hosts.filter(({ host }) => !planes.has(host)),
  ]
  const rounds = Math.ceil(others.length / spec.rollout.maxUnavailable)
  const longest = Math.max(0, ...others.map(one))
  const planesChange = hop.machines.some(({ controlPlane }) => controlPlane)
  const gap = Math.max(measuredOutages.api, pods.includes('etcd') ? measuredOutages.etcd : 0)
  return {
    hosts,
    workloads: planesChange
      ? ['DaemonSet kube-proxy', ...(spec.dns.enabled ? ['Deployment coredns'] : [])]
      : [],
    apiGapSeconds: planesChange ? (planes.size > 1 ? gap : null) : 0,
    seconds: own.reduce((sum, effect) => sum + one(effect), 0) + rounds * longest + estimated.verify,
  }
}

/** Static Pods in the order in which they are replaced: etcd, where it is of this cluster and changes, then the API server, as kubeadm does. */
function planePods(spec: ClusterSpec, { machines, to }: Hop): string[] {
  const before = oldestVersion(machines.flatMap(({ controlPlane }) => controlPlane?.from ?? []))
  const [from, next] = [before, to].map((version) => version && knownRelease(version))
  const changesEtcd =
    from &&
    next &&
    !spec.etcd.external &&
    spec.etcd.imageTag === undefined &&
    versionOf(spec, from, 'etcd') !== versionOf(spec, next, 'etcd')
  return [...(changesEtcd ? ['etcd'] : []), 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
}

const hostEffect = ({ host, controlPlane, kubelet }: HopMachine, pods: readonly string[]): HostEffect => ({
  host,
  recreates: controlPlane ? pods : [],
  restarts: kubelet ? ['kubelet.service'] : [],
  drained: kubelet !== undefined && !isOfMinor(kubelet.from, minorOf(kubelet.to)),
})
