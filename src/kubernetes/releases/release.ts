import type { Fields } from '../../lib/field-type.js'
import type { RefusedSince } from './refused.js'

/**
 * Everything that depends on the Kubernetes minor, as data. Builders ask these fields; nothing
 * outside this folder compares versions. Source of every value: what kubeadm of that minor makes.
 */
export interface Release {
  /** The version that is meant: "1.20.2". What it decides by itself: tags of images, and which programs and packages. */
  version: string
  /** "1.20" */
  minor: string
  /** The newest patch release these values are known to be right for; a newer one is used with the same. */
  patch: string
  /** No cluster of this minor has yet been made of real components. Messages and documentation say so. */
  untested: boolean
  /** pkgs.k8s.io has packages of it. */
  communityPackages: boolean
  /** What nodes run beside Kubernetes where they download it (sources.runtime, sources.cniPlugins). */
  programs: {
    containerd: string
    runc: string
    cniPlugins: string
  }
  /** Its kubelet speaks to Docker by itself; or the last minor whose kubelet did. */
  dockershim: 'present' | { last: string }
  /**
   * How many minors older than an API server its kubelet and kube-proxy may be (kubernetes.io/releases/version-skew-policy:
   * three, "kubelet < 1.25 may only be up to two").
   */
  nodeLag: number
  /** Its conformance suite. */
  suite: {
    /** Major version of the ginkgo that e2e.test is built with: its options have other names. */
    ginkgo: 1 | 2
  }
  images: {
    /** Default registry. */
    repository: string
    /** Tags. */
    etcd: string
    pause: string
    coredns: string
    /** CoreDNS's name in the default registry. */
    corednsPath: string
  }
  /** The oldest external etcd that kubeadm takes (constants.MinExternalEtcdVersion). */
  minimumEtcd: string
  /**
   * The oldest etcd that its own can follow, where they are of two minors. Absent: any of the minor before
   * (etcd.io/docs, "Upgrading etcd clusters": one minor at a time).
   */
  etcdBefore?: { least: string; advised: string; why: string }
  /** Which containerd its kubelet can work with, by the CRI that both speak. */
  containerd: ContainerdRange
  clusterConfiguration: ClusterConfigurationForm
  certificates: {
    /** O of clients of the API server that act as administrators. */
    adminOrganization: string
    /** O of the API server's client certificate for kubelets. */
    kubeletClientOrganization: string | undefined
    /** O of etcd's clients. */
    etcdClientOrganization: string | undefined
    /** Leafs say CA:FALSE. */
    leafBasicConstraints: boolean
    /** Authorities carry their CN as a DNS name too. */
    authorityDnsName: boolean
  }
  kubeconfig: {
    /** The first control plane gets super-admin.conf beside admin.conf. */
    superAdmin: boolean
    /** Files have an empty `preferences`. */
    preferences: boolean
    /** The kubelet of a control plane talks to its own API server, not to the endpoint. */
    kubeletLocal: boolean
  }
  staticPods: StaticPodForm
  kubelet: KubeletForm
  /**
   * APIs that it no longer serves and the minor before did, of what people write into manifests
   * (kubernetes.io/docs/reference/using-api/deprecation-guide).
   */
  goneApis: readonly GoneApi[]
  /** Flags, admission plugins and feature gates with which its components do not start; see refused.ts. */
  refused: {
    flags: Readonly<Record<FlaggedComponent, RefusedSince>>
    /** Of API servers, whether the plugin is enabled or disabled. */
    admissionPlugins: RefusedSince
    /** API versions of configuration files, such as an audit policy's. */
    configurations: RefusedSince
    /** Of every component: that a gate is not known is refused, whoever is given it. */
    gates: RefusedSince
    /** Gates that are known, and may be set to this value alone. */
    locked: Readonly<Record<string, boolean>>
  }
  /** The API by which Pods are evicted. */
  eviction: string
  node: {
    labels: Readonly<Record<string, string>>
    /** Keys of the NoSchedule taints of a control plane. */
    taints: readonly string[]
    /** Node annotation that tells kubeadm the CRI socket. */
    criSocketAnnotation: string | undefined
  }
  /** Cluster-wide bindings beyond those every minor has. */
  extraBindings: readonly ExtraBinding[]
  kubeProxy: {
    /** Fields of KubeProxyConfiguration and their types. */
    fields: Fields
    /** KubeProxyConfiguration as kubeadm writes it, less what the cluster decides. */
    defaults: Readonly<Record<string, unknown>>
    tolerations: readonly Readonly<Record<string, string>>[]
  }
  coreDns: CoreDnsForm
}

/** What is the same for every version of a minor. */
export type MinorRelease = Omit<Release, 'version'>

export interface ClusterConfigurationForm {
  /** "kubeadm.k8s.io/v1beta2" */
  apiVersion: string
  /** Fields kubeadm fills in, as they lie in the kubeadm-config ConfigMap. */
  defaults: Readonly<Record<string, unknown>>
  /** Form of extraArgs: a map, or a list of {name, value}. */
  extraArgs: 'map' | 'list'
  /** External etcd repeats its endpoints as httpEndpoints. */
  httpEndpoints: boolean
  /** Absent DNS is told as `dns.disabled`. */
  dnsDisabled: boolean
  /** The ConfigMap also lists the API endpoints (ClusterStatus). */
  clusterStatus: boolean
}

/** Versions of containerd: each bound with why, for people. */
export interface ContainerdRange {
  /** The first that works. */
  least?: { version: string; why: string }
  /** The first that does not work any more. */
  below?: { version: string; why: string }
  /** The first of those that later minors work with too: an older one works, and stands in the way of the next upgrade. */
  advised?: { version: string; why: string }
}

export interface StaticPodForm {
  /** `metadata.creationTimestamp: null` in manifests. */
  creationTimestamp: boolean
  /** Fields of the pod's spec beside containers and volumes. */
  podSpec: Readonly<Record<string, unknown>>
  /** Containers name their port, and probes use the name. */
  namedProbePort: boolean
  /** CA directories of hosts that are mounted where they exist, beside /etc/ssl/certs. */
  caDirectories: readonly string[]
  /** The controller manager's directory of volume plugins, mounted even when no flag names one. */
  flexVolumeDirectory: string | undefined
  /** Flags beyond those every minor has. */
  flags: Readonly<Record<StaticPodName, Readonly<Record<string, string>>>>
  /** Paths probes ask; without one there is no such probe. */
  probes: Readonly<Record<StaticPodName, ProbePaths>>
  /** resources.requests */
  requests: Readonly<Record<StaticPodName, Readonly<Record<string, string>>>>
}

export type StaticPodName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

export interface GoneApi {
  /** "policy/v1beta1" */
  apiVersion: string
  /** "poddisruptionbudgets" */
  resource: string
  /** An API that the minor before serves the same objects by, and that stays; undefined: the kind itself goes. */
  instead: string | undefined
}

/** A component whose flags the inventory may set. */
export type FlaggedComponent = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet'

export interface ProbePaths {
  liveness: string
  readiness?: string
  startup: string
}

export interface KubeletForm {
  /** ConfigMap with the kubelets' configuration; roles are named after it. */
  configMap: string
  /** Fields of KubeletConfiguration and their types. */
  fields: Fields
  /** KubeletConfiguration as kubeadm writes it, less what cluster and node decide. */
  defaults: Readonly<Record<string, unknown>>
  /** Before a CRI socket's path wherever it is told: kubeadm writes a URL from 1.24 on. */
  socketScheme: '' | 'unix://'
  /** Where a CRI runtime's socket is told. */
  endpoint: 'flags' | 'config'
  /** Flags for the runtime, by the runtime's id in the catalog; `other` for those not listed. `{pause}` and `{socket}` stand for values. */
  runtimeFlags: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** How the kubelet gets on with each version of control groups. */
  cgroups: Readonly<Record<'v1' | 'v2', CgroupSupport>>
}

/** `refusedUnless`: it does not start unless that field of its configuration is false. */
export type CgroupSupport = 'stable' | 'early' | { refusedUnless: string }

export interface ExtraBinding {
  name: string
  clusterRole: string
  subject: { kind: 'Group' | 'User'; name: string }
}

export interface CoreDnsForm {
  /** Lines of the Corefile's cache plugin, without indentation; `{domain}` stands for the DNS domain. */
  cache: readonly string[]
  /** Rules beside listing and watching endpoints, services, pods and namespaces. */
  rules: readonly { apiGroups: readonly string[]; resources: readonly string[]; verbs: readonly string[] }[]
  /** Ports have names of their own for probes. */
  namedProbePorts: boolean
  /** Replicas keep apart where they can. */
  antiAffinity: boolean
  /** How "every capability" is written. */
  dropCapability: string
  /** Keys of tolerated control-plane taints. */
  tolerations: readonly string[]
  /** Label kubernetes.io/name of the service. */
  serviceName: string
}
