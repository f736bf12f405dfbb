import { after, gone } from './difference.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_33 } from './v1-33.js'

/** Kubernetes 1.34: kubeadm's output at 1.34.9; the images are the same at 1.34.10 (see v1-21.ts). */
export const v1_34 = after(v1_33, {
  minor: '1.34',
  patch: '1.34.10',
  untested: false,
  // etcd.io/docs, "Upgrade etcd from v3.5 to v3.6"; etcd-io/etcd#19557
  etcdBefore: {
    least: '3.5.20',
    advised: '3.5.26',
    why: 'members of etcd 3.5 before 3.5.20 may fail to become 3.6 ("too many learner members"), and 3.5.24 to 3.5.26 fix further causes',
  },
  images: { etcd: '3.6.5-0', pause: '3.10.1', coredns: 'v1.12.1' },
  kubeconfig: { preferences: false },
  staticPods: {
    creationTimestamp: false,
    namedProbePort: true,
    flags: {
      etcd: {
        'experimental-initial-corrupt-check': gone,
        'experimental-watch-progress-notify-interval': gone,
        'feature-gates': 'InitialCorruptCheck=true',
        'watch-progress-notify-interval': '5s',
      },
    },
  },
  kubelet: { endpoint: 'config', runtimeFlags: { other: { 'container-runtime-endpoint': gone } } },
  node: { criSocketAnnotation: undefined },
  coreDns: { namedProbePorts: true },
  refused: {
    flags: {
      kubelet: refusedSince('1.34', `cloud-config register-schedulable`),
    },
    gates: refusedSince(
      '1.34',
      `DevicePluginCDIDevices ElasticIndexedJob LegacySidecarContainers PodDisruptionConditions
      StatefulSetStartOrdinal`,
    ),
    locked: {
      ...lockedTo(
        true,
        `APIServerTracing AnonymousAuthConfigurableEndpoints AuthorizeNodeWithSelectors
        AuthorizeWithSelectors ConsistentListFromCache JobPodReplacementPolicy
        KubeletCgroupDriverFromCRI KubeletTracing MultiCIDRServiceAllocator NodeSwap
        OrderedNamespaceDeletion PodLifecycleSleepAction PodLifecycleSleepActionAllowZero
        ProbeHostPodSecurityStandards RecoverVolumeExpansionFailure RelaxedDNSSearchValidation
        RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization
        SchedulerQueueingHints SeparateTaintEvictionController StreamingCollectionEncodingToJSON
        StreamingCollectionEncodingToProtobuf StructuredAuthenticationConfiguration WinDSR
        WinOverlay`,
      ),
    },
  },
})
