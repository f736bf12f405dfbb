import { after, gone } from './difference.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_34 } from './v1-34.js'

/** Kubernetes 1.35: kubeadm's output at 1.35.6; the images are the same at 1.35.7 (see v1-21.ts). */
export const v1_35 = after(v1_34, {
  minor: '1.35',
  patch: '1.35.7',
  untested: false,
  images: { etcd: '3.6.6-0', coredns: 'v1.13.1' },
  clusterConfiguration: { httpEndpoints: true },
  kubelet: {
    runtimeFlags: { other: { 'pod-infra-container-image': gone } },
    // failCgroupV1 is true unless set (changelog of 1.35)
    cgroups: { v1: { refusedUnless: 'failCgroupV1' } },
  },
  refused: {
    flags: {
      kubelet: refusedSince('1.35', `pod-infra-container-image`),
    },
    gates: refusedSince(
      '1.35',
      `AllowServiceLBStatusOnNonLB ComponentSLIs CronJobsScheduledAnnotation LoadBalancerIPMode
      PodIndexLabel ProbeHostPodSecurityStandards SizeMemoryBackedVolumes StatefulSetAutoDeletePVC
      StrictCostEnforcementForVAP StrictCostEnforcementForWebhooks
      UserNamespacesPodSecurityStandards`,
    ),
    locked: {
      ...lockedTo(
        true,
        `AggregatedDiscoveryRemoveBetaType DisableAllocatorDualWrite DynamicResourceAllocation
        ExecProbeTimeout ImageMaximumGCAge InPlacePodVerticalScaling JobManagedBy
        PodObservedGenerationTracking PreferSameTrafficDistribution SupplementalGroupsPolicy`,
      ),
      ...lockedTo(false, `AllowOverwriteTerminationGracePeriodSeconds`),
    },
  },
})
