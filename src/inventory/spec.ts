import type { SecretReference, SshSpec } from '../host/ssh-spec.js'
import type { Choice, Kept, OpenSource } from './choice.js'
import type { VolumePathType } from './schema/components.js'
import type { LabSuite } from './schema/lab.js'

/**
 * ClusterSpec: the inventory after decode, defaults and validation; frozen. Every optional thing of
 * the inventory has its value here, so no code downstream knows a default.
 */
export type Role = 'control-plane' | 'worker' | 'etcd' | 'load-balancer'

export interface TaintSpec {
  key: string
  value: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

export interface OsSpec {
  /** The system that an unknown one is treated like. */
  like: 'debian' | 'ubuntu' | 'rhel' | 'suse' | undefined
  repositories: readonly RepositorySpec[]
  /** Whether the container runtime's packages are kept from upgrades. */
  hold: boolean
}

/** A repository of packages on a host. */
export interface RepositorySpec {
  name: string
  url: string
  /** Absolute path of its public key on the operator's side. */
  key: string
  /** For apt; '' where none is given. */
  suite: string
  components: readonly string[]
  signedLists: boolean
  /** Where it stands in the inventory. */
  at: string
}

export interface HostSpec {
  /** Node name: lower-case RFC 1123 label or subdomain. */
  name: string
  /** IP address: the node's InternalIP. What SSH dials is ssh.host. */
  address: string
  roles: readonly Role[]
  /** Groups it belongs to, directly or by another. */
  groups: readonly string[]
  connection: 'ssh' | 'local'
  ssh: SshSpec
  os: OsSpec
  /** What keeps the clock; false: nothing of ours; undefined: what is there. */
  timeSync: 'chrony' | 'systemd-timesyncd' | false | undefined
  /** Whether ports are opened in its firewalld; undefined: before it is a node. */
  firewall: 'open' | 'leave' | undefined
  /** Out of service: nothing connects to it, and it stays a part of the cluster. */
  state: 'up' | 'down'
  labels: Readonly<Record<string, string>>
  taints: readonly TaintSpec[]
  /** Fields of KubeletConfiguration of this host, over the cluster's. */
  kubeletConfig: Readonly<Record<string, unknown>>
  /** Extra kubelet flags of this host, over the cluster's. */
  kubeletExtraArgs: Readonly<Record<string, string>>
  /** Where each of its settings was said; see origins.ts. For people, nothing depends on it. */
  origins: Readonly<Record<string, string>>
  /** Where the host stands in the inventory, "inventory.yaml:12:3". */
  at: string
}

/** A path of a control plane node that a container of the control plane sees (kubeadm: HostPathMount). */
export interface ExtraVolume {
  name: string
  hostPath: string
  mountPath: string
  readOnly: boolean
  /** Type of a hostPath volume; '' is none: nothing is checked. */
  pathType: VolumePathType | ''
  /** The operator's file that is written there, an absolute path; undefined: it is there. */
  source: string | undefined
}

/** kubeadm's `etcd.external`: URLs, and where on each control plane the client's files lie. */
export interface ExternalEtcdSpec {
  endpoints: readonly string[]
  caFile: string
  certFile: string
  keyFile: string
  /** The operator's files that go there, by absolute paths; absent: they lie there, or we make them. */
  local?: { ca: string; cert: string; key: string }
}

/** How hosts with the role etcd get its programs. */
export type EtcdInstall =
  | { from: 'package' | 'bundle' | 'download' }
  /** An absolute path here; lower-case hex. */
  | { from: 'tarball'; file: string; sha256: string }

export interface LoadBalancerSpec {
  /** Id in the catalog: "haproxy". */
  type: string
  virtualIp: string | undefined
  interface: string | undefined
  /** 1 to 255. */
  routerId: number
  image: string | undefined
}

/** How changes go through the nodes of an existing cluster. */
export interface RolloutSpec {
  /** Nodes that may be unavailable at once; a percentage of them in the inventory is a number here. At least 1. */
  maxUnavailable: number
  /** Milliseconds for which a node must be Ready before it counts as available again; 0: at once. */
  minReadyMs: number
  /** Nodes of which the change may fail before no further one is begun. */
  maxFailed: number
  /** Milliseconds; what kubectl drain calls --delete-emptydir-data and --force. */
  drain: { timeoutMs: number; deleteEmptyDirData: boolean; force: boolean }
}

/** A registry of images, by the name images have before their first slash. */
export interface RegistrySpec {
  /** "docker.io", "registry.example.com:5000"; "*" for every one that is not named. */
  name: string
  /** URLs asked before it, in order. */
  mirrors: readonly string[]
  /** Whether it is asked itself for what no mirror has. */
  fallback: boolean
  /** Absolute path on the operator's side. */
  caFile: string | undefined
  skipVerify: boolean
  auth: { username: string; password: SecretReference } | undefined
  /** Where it stands in the inventory. */
  at: string
}

/** A proxy of hosts: URLs without a login, by the scheme of what goes through it. */
export interface ProxySpec {
  http: string | undefined
  https: string | undefined
  /** What the inventory adds to what is computed. */
  noProxy: readonly string[]
  auth: { username: string; password: SecretReference } | undefined
}

/** Where programs come from. */
export interface SourcesSpec {
  kubernetes: 'download' | 'packages' | 'bundle'
  /** Bases that replace the public ones, without a slash at the end. */
  runtime: 'packages' | 'download'
  cniPlugins: 'packages' | 'download'
  /** What the inventory chooses instead of the release's own. */
  versions: { containerd?: string; runc?: string; cniPlugins?: string; etcd?: string }
  mirrors: { kubernetes?: string; github?: string; packages?: string }
  /** What hosts fetch through; undefined: directly. */
  proxy?: ProxySpec
  /** Absolute path of the CA certificate of the mirrors. */
  caCertificate: string | undefined
}

export type ExtraArgs = Readonly<Record<string, string>>

export interface ClusterSpec {
  /** Absolute path of the inventory, and the directory relative paths are resolved against. */
  file: string
  directory: string
  /** Hex SHA-256 of its text and of all it includes. */
  sha256: string
  clusterName: string
  /** "1.20.2", without the v. */
  version: string
  /** "1.20" */
  minor: string
  /** undefined: the release's default. */
  imageRepository: string | undefined
  /** What kubeconfigs point at. `named` when host is a DNS name kubestrap keeps in /etc/hosts. */
  endpoint: { host: string; port: number; named: boolean; explicit: boolean }
  /**
   * The endpoint's address for the nodes, and what its name stands for in their /etc/hosts: the first control
   * plane, a balancer or a virtual IP, the loopback. Undefined: its name resolves without our help.
   */
  endpointAddress: string | undefined
  /** What stands before the API servers; undefined: nothing that is told. */
  loadBalancer: LoadBalancerSpec | undefined
  /** certSANs: the inventory's, and the load balancer's virtual IP. */
  apiServer: {
    bindPort: number
    certSANs: readonly string[]
    extraArgs: ExtraArgs
    extraVolumes: readonly ExtraVolume[]
  }
  controllerManager: { extraArgs: ExtraArgs; extraVolumes: readonly ExtraVolume[] }
  scheduler: { extraArgs: ExtraArgs; extraVolumes: readonly ExtraVolume[] }
  etcd: {
    dataDir: string
    extraArgs: ExtraArgs
    imageTag: string | undefined
    /** An etcd beside nobody's API server: on hosts with the role etcd, or somebody else's; absent: every control plane runs a member. */
    external?: ExternalEtcdSpec
    install: EtcdInstall
  }
  networking: { podSubnet: string; serviceSubnet: string; dnsDomain: string }
  /** Milliseconds before its end from which a certificate is renewed; see `renewFrom`. */
  certificates: { renewBefore: number }
  rollout: RolloutSpec
  dns: { enabled: boolean; imageTag: string | undefined }
  /** Id in the catalog: "docker". */
  runtime: string
  /** Absolute paths of programs of the runtime's that are not in the bundle, by name. */
  runtimePrograms: Readonly<Record<string, string>>
  registries: readonly RegistrySpec[]
  /** Id in the catalog: "bridge". */
  network: string
  flannel: { backend: 'vxlan' | 'host-gw' }
  kubelet: { config: Readonly<Record<string, unknown>>; extraArgs: ExtraArgs }
  kubeProxy: { config: Readonly<Record<string, unknown>> }
  /** Whether the SSH login user of each control plane has the administrator's kubeconfig. */
  kubeconfig: { loginUser: boolean }
  binaries: {
    /** Absolute path; undefined: none, and images are pulled. */
    bundle: string | undefined
    /** Of its bundle.json, lower-case hex; absent: any. */
    sha256?: string
  }
  sources: SourcesSpec
  /** bundled: the image where there is a bundle, which an inventory that names none yet is going to have. */
  verify: { image: string; bundled: string }
  hosts: readonly HostSpec[]
  /** Which of version, runtime and network the inventory does not name: here they are defaults, or what a cluster has. */
  unset: readonly Choice[]
  /** Sources that it does not name, and that hosts could download from: here they are defaults, or what works on the hosts. */
  unsetSources: readonly OpenSource[]
  /** The same inventory with what a living cluster has in the place of these defaults. Throws InventoryError as decoding does. */
  keeping(kept: Kept): ClusterSpec
  /** A host that the inventory does not have, at this address, as its `ssh` and `defaults` say; without roles, its name its address. */
  outsider(address: string): HostSpec
  /** The same inventory for another version of Kubernetes, "1.36.3". Throws InventoryError with all that does not go with it. */
  atVersion(version: string): ClusterSpec
  /** Where top-level keys stand in the inventory, by dotted path, for errors: at('kubernetes.version'). */
  at(path: string): string
  /** The inventory's `lab` section, decoded by src/inventory too; undefined when it has none. */
  lab: LabSpec | undefined
}

export interface LabSpec {
  provider: 'nspawn'
  /** Bridge name, at most 15 characters, "ks-lab0". */
  bridge: string
  /** The operator side's address with prefix: "10.88.0.1/24". */
  gateway: string
  /** Directory of state: root file systems, keys, known_hosts. Absolute. */
  directory: string
  /** Debian packages that machines have from the start. */
  packages: readonly string[]
  /** Debian's code names, by machine; the others are bookworm. */
  suites: Readonly<Record<string, LabSuite>>
}
