import type { Balancer } from '../balancers/balancer.js'
import type { Bundle } from '../bundle/bundle.js'
import type { Late } from '../engine/late.js'
import type { Host } from '../host/host.js'
import type { Transfers } from '../host/transfer/transfers.js'
import { hostsWithRole } from '../inventory/select.js'
import type { ClusterSpec } from '../inventory/spec.js'
import type { Credentials } from '../kubernetes/client/http.js'
import { imageFor } from '../kubernetes/images.js'
import type { Release } from '../kubernetes/releases/release.js'
import type { Secret } from '../lib/secret.js'
import type { Network, NetworkSettings } from '../networks/network.js'
import type { KubeAccess } from '../resources/kube-object.js'
import type { Registry } from '../runtimes/registry.js'
import type { Runtime, RuntimeSettings } from '../runtimes/runtime.js'
import type { KubernetesRepositories } from '../sources/community-packages.js'
import type { Programs } from '../sources/program.js'
import type { ProjectReleases } from '../sources/project-releases.js'
import type { HostProxy } from '../sources/proxy.js'
import type { EtcdHosts } from './etcd/hosts.js'
import {
  isBalancerHost,
  isControlPlane,
  isEtcdHost,
  isJoiningWorker,
  isNode,
  type Machine,
} from './machine.js'
import type { Keyring } from './pki/keyring.js'
import type { Planes } from './planes.js'
import type { RuntimeChange } from './runtime-change.js'
import type { Upgrade } from './upgrade.js'

/** Everything a phase may build its steps from. Nothing in it is global, nothing is changed by phases. */
export interface Context {
  spec: ClusterSpec
  runtime: Runtime
  network: Network
  /** What stands before the API servers, of kubestrap's doing or not; undefined: nothing that the inventory tells of. */
  balancer: Balancer | undefined
  /** Images that the operator has; none where every one is pulled. */
  bundle: Bundle
  programs: Programs
  /** What hosts fetch through; undefined: directly. */
  proxy: HostProxy | undefined
  /** What nodes download besides Kubernetes. */
  projectReleases: ProjectReleases
  /** Where nodes install Kubernetes as packages: the repositories by format. */
  kubernetesRepositories: KubernetesRepositories
  /** The inventory's registries, with the files and passwords it refers to. */
  registries: readonly Registry[]
  /** Public keys of package repositories, by the paths the inventory has. */
  repositoryKeys: ReadonlyMap<string, string>
  /** Files of `extraVolumes`, by the paths the inventory has; any of them may hold keys. */
  volumeFiles: ReadonlyMap<string, Secret>
  /** Every machine of the run, in the inventory's order. Documents that name hosts are made from `spec`, which has also those that are away. */
  machines: readonly Machine[]
  /** Names of hosts that the run goes without: they are part of the cluster, and are not reached. */
  away: ReadonlySet<string>
  /** Names of the hosts that the run is limited to; undefined: all. */
  chosen?: ReadonlySet<string> | undefined
  /** How its control planes stand to the cluster. */
  planes: Planes
  /** The upgrade that the run makes; undefined: every machine has its version, or is new. */
  upgrade?: Upgrade | undefined
  /** The change of the container runtime that the run makes; undefined: every node runs the inventory's, or is new. */
  runtimeChange?: RuntimeChange | undefined
  /** The hosts with the role etcd; undefined: etcd is on the control planes, or not ours. */
  etcdHosts: EtcdHosts | undefined
  /** What API servers show an etcd that is not ours, where the operator has the files. */
  etcdClient: Credentials | undefined
  kube: KubeAccess
  /** What hosts of the run give on to each other. Absent: nothing. */
  transfers?: Transfers
  /**
   * Told of a host that this run makes go away, by a reboot, and that comes back; what it returns is called then. Absent: nobody
   * needs to know.
   */
  expectAbsence?: (host: Host) => () => Promise<void>
  /** Certificate authorities and the service-account key: found on a control plane, or made in this run. */
  authorities: Late<Keyring>
  /** The share of the pod subnet of each node, by node name. */
  podCidrs: ReadonlyMap<string, Late<string>>
  now(): Date
  sleep(ms: number): Promise<void>
  /** Cryptographically random bytes. */
  random(bytes: number): Buffer
}

/** The CRI socket as the kubelet and kubeadm are told it. */
export const criSocket = ({ runtime }: Context, { release }: Pick<Machine, 'release'>): string =>
  `${release.wanted.kubelet.socketScheme}${runtime.criSocket}`

/** What the runtime of a machine is configured with. */
export const runtimeSettings = (
  { spec, registries }: Context,
  { release: { wanted } }: Pick<Machine, 'release'>,
): RuntimeSettings => ({
  pauseImage: imageFor('pause', spec, wanted),
  registries,
  ...(spec.sources.runtime === 'download' ? { version: versionOf(spec, wanted, 'containerd') } : {}),
})

/** What pod networks are made from. */
export const networkSettings = ({ spec }: Pick<Context, 'spec'>): NetworkSettings => ({
  podSubnet: spec.networking.podSubnet,
  flannel: spec.flannel,
})

/** The version of what a machine downloads besides Kubernetes: the inventory's, else that of its release. */
export const versionOf = (
  spec: ClusterSpec,
  release: Release,
  program: keyof Release['programs'] | 'etcd',
): string =>
  spec.sources.versions[program] ??
  // an image's tag is the version with a number of the image
  (program === 'etcd' ? release.images.etcd.replace(/-\d+$/, '') : release.programs[program])

export const nodes = (context: Context): Machine[] => context.machines.filter(isNode)
export const controlPlanes = (context: Context): Machine[] => context.machines.filter(isControlPlane)
export const joiningWorkers = (context: Context): Machine[] => context.machines.filter(isJoiningWorker)

/** Whether the cluster has several control planes, also where one alone is reached. */
export const hasSeveralPlanes = ({ spec }: Pick<Context, 'spec'>): boolean =>
  hostsWithRole(spec, 'control-plane').length > 1

/** The control plane a run goes from; a new cluster is born on it. */
export function leaderOf({ planes: { leader } }: Context): Machine {
  if (!leader) throw new Error('no control plane node in this run')
  return leader
}

/** Whether all others wait for this machine: a cluster is born on it, or its etcd is there. */
export const goesFirst = ({ planes: { leader } }: Context, machine: Machine): boolean =>
  machine === leader || isEtcdHost(machine)

/** Control planes beside the one that leads. */
export const followers = (context: Context): Machine[] =>
  controlPlanes(context).filter((machine) => machine !== context.planes.leader)

/**
 * Whether a machine is no part of the cluster yet: no node, no etcd host with a member, and no host of a load balancer
 * where that was set up. Its unit is enabled after everything that a new host gets, so that a cut leaves it new.
 */
export const isNew = (
  { etcdHosts, balancer }: Pick<Context, 'etcdHosts' | 'balancer'>,
  machine: Machine,
): boolean => {
  if (isEtcdHost(machine)) return etcdHosts?.fresh.has(machine.spec.name) === true
  if (isNode(machine)) return !machine.facts.kubernetes
  const { units = [] } = balancer ?? {}
  return isBalancerHost(machine) && units.some((unit) => !machine.facts.ownUnits.includes(unit))
}

/** Whether a control plane has no part of the cluster yet. */
export const isJoining = ({ planes }: Context, { spec }: Machine): boolean => planes.joining.has(spec.name)
