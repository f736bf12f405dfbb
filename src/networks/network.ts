import type { Late } from '../engine/late.js'
import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { KubeObject } from '../kubernetes/kube-object.js'
import type { OperatingSystem } from '../os/os.js'

/** A node as a pod network sees it. */
export interface NetworkNode {
  name: string
  address: string
  /** The node's share of the pod subnet; known once its Node object has one. */
  podCidr: Late<string>
  /** Key of the step that knows it. */
  knownAfter: string
}

/** Nodes whose Pods a node is to reach, itself among them. One list for all that have the same, which may be all. */
export interface Peers {
  nodes: readonly NetworkNode[]
  names: readonly string[]
}

export interface NetworkSettings {
  podSubnet: string
  flannel: FlannelSettings
}

/** vxlan: Pods of other nodes in UDP packets, over any network. host-gw: routes to them, for nodes on one link. */
export interface FlannelSettings {
  backend: FlannelBackend
}

export type FlannelBackend = 'vxlan' | 'host-gw'

export interface NodeSettings extends NetworkSettings {
  /** Names of all nodes the cluster has, also of those the inventory does not. Throws NotYet before there is one. */
  members(): Promise<readonly string[]>
  /** Names of all nodes of the inventory. */
  inventory: ReadonlySet<string>
  /** Names of the hosts that the run is limited to; undefined: all. */
  chosen: ReadonlySet<string> | undefined
  /** What has ended when every node has its share of the pod subnet, or has failed to come. */
  allKnownAfter: Need
}

/** What kubestrap asks of a pod network. */
export interface Network {
  id: string
  packages(os: OperatingSystem): readonly string[]
  /** What nodes must reach each other by, beside Kubernetes' own ports: "8472/udp". Default none. */
  traffic?(settings: NetworkSettings): readonly string[]
  /** Whether nodes reach each other's Pods without a router between them: by routes that name the node itself. */
  oneLink(settings: NetworkSettings): boolean
  /** Images its pods run on every node. */
  images: readonly string[]
  /** What each node needs: files, links, routes. */
  nodeSteps(
    host: Host,
    os: OperatingSystem,
    node: NetworkNode,
    peers: Peers,
    settings: NodeSettings,
  ): readonly Step[]
  /** Files on a node that only this network has: by them a cluster is known to use it, whatever the inventory says. */
  signs: readonly string[]
  /** What it made in the kernel that its units do not take away when they stop: links. POSIX sh; prints what is there. */
  leftoversScript: string
  /** Removes that. POSIX sh. */
  removeLeftoversScript: string
  /** Netfilter chains of its daemon, by their names; those of CNI plug-ins are told by `cniNames`. */
  chains: readonly string[]
  /** Rules that its daemon writes into chains of the kernel, by the comment they have; they name the pod subnet. */
  directRules?: readonly { table: string; chain: string; comment: string; targets: readonly string[] }[]
  /** Tables of its daemon, where it uses nftables. */
  nftTables?: readonly string[]
  /** Names of its CNI networks, as its configuration has them. */
  cniNames: readonly string[]
  /** Directories that its plug-ins fill. */
  trees: readonly string[]
  /** What it puts into the cluster. */
  objects(settings: NetworkSettings): readonly KubeObject[]
}
