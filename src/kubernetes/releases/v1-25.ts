import { after } from './difference.js'
import { goneApis } from './gone-apis.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_24 } from './v1-24.js'

/** Kubernetes 1.25, at 1.25.16; sources as in v1-21.ts. */
export const v1_25 = after(v1_24, {
  minor: '1.25',
  patch: '1.25.16',
  untested: true,
  nodeLag: 3,
  // #109111
  suite: { ginkgo: 2 },
  // etcd 3.5.4-0 at first, 3.5.9-0 from 1.25.15 on
  images: { etcd: '3.5.9-0', pause: '3.8', coredns: 'v1.9.3' },
  staticPods: {
    flags: {
      // #111383
      etcd: { 'experimental-watch-progress-notify-interval': '5s' },
    },
    probes: {
      // #110744: liveness is a member's own, start-up the cluster's
      etcd: { liveness: '/health?exclude=NOSPACE&serializable=true', startup: '/health?serializable=false' },
    },
  },
  kubelet: {
    fields: {
      localStorageCapacityIsolation: 'bool',
      tracing: { fields: { endpoint: 'string', samplingRatePerMillion: { int: [0, 1_000_000] } } },
    },
    // "stable since v1.25" (kubernetes.io, About cgroup v2)
    cgroups: { v2: 'stable' },
  },
  // #110095
  node: { taints: ['node-role.kubernetes.io/control-plane'] },
  // #110593
  coreDns: { antiAffinity: true },
  refused: {
    admissionPlugins: refusedSince('1.25', `PodSecurityPolicy`),
    gates: refusedSince(
      '1.25',
      `CSIServiceAccountToken EndpointSlice EndpointSliceNodeName EndpointSliceProxying
      GenericEphemeralVolume HugePageStorageMediumSize IPv6DualStack ImmutableEphemeralVolumes
      IngressClassNamespacedParams RuntimeClass SetHostnameAsFQDN StorageObjectInUseProtection
      StreamingProxyRedirects TTLAfterFinished ValidateProxyRedirects VolumeSubpath
      VolumeSubpathEnvExpansion WarningHeaders WindowsEndpointSliceProxying`,
    ),
    locked: {
      ...lockedTo(
        true,
        `CSIInlineVolume CSIMigration CSIMigrationAWS CSIMigrationAzureDisk CSIMigrationGCE
        CSIMigrationOpenStack CSIStorageCapacity CSRDuration ControllerManagerLeaderMigration
        DaemonSetUpdateSurge DefaultPodTopologySpread DisableAcceleratorUsageMetrics
        EfficientWatchResumption EphemeralContainers IdentifyPodOS IndexedJob
        LocalStorageCapacityIsolation NetworkPolicyEndPort NonPreemptingPriority
        PodAffinityNamespaceSelector PodOverhead PodSecurity PreferNominatedNode RemoveSelfLink
        ServiceLBNodePortControl ServiceLoadBalancerClass StatefulSetMinReadySeconds SuspendJob
        WatchBookmark`,
      ),
    },
  },
  goneApis: [
    ...goneApis('autoscaling/v2beta1', 'horizontalpodautoscalers', 'autoscaling/v1'),
    ...goneApis('batch/v1beta1', 'cronjobs', 'batch/v1'),
    ...goneApis('node.k8s.io/v1beta1', 'runtimeclasses', 'node.k8s.io/v1'),
    ...goneApis('policy/v1beta1', 'poddisruptionbudgets', 'policy/v1'),
    ...goneApis('policy/v1beta1', 'podsecuritypolicies', undefined),
  ],
})
