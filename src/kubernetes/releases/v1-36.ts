import { anyInt, oneOf } from '../../lib/field-type.js'
import { after } from './difference.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_35 } from './v1-35.js'

/** Kubernetes 1.36: kubeadm's output at 1.36.2; the images are the same at 1.36.3 (see v1-21.ts). */
export const v1_36 = after(v1_35, {
  minor: '1.36',
  patch: '1.36.3',
  untested: false,
  // cmd/kubelet/app/server.go of 1.36.3, getCgroupDriverFromCRI: without RuntimeConfig the kubelet takes the cgroup driver of
  // its own configuration, counts cri_losing_support{version="1.37.0"}, and works
  containerd: {
    advised: {
      version: '2.0.0',
      why: 'the kubelet asks for RuntimeConfig, which containerd has from 2.0 on; Kubernetes 1.37 ends the support of runtimes without it',
    },
  },
  images: { etcd: '3.6.8-0', pause: '3.10.2', coredns: 'v1.14.2' },
  staticPods: { flexVolumeDirectory: undefined },
  kubelet: {
    fields: {
      memoryReservationPolicy: oneOf('None', 'TieredReservation'),
      tlsCurvePreferences: { list: anyInt },
    },
  },
  refused: {
    gates: refusedSince(
      '1.36',
      `CSIMigrationPortworx HonorPVReclaimPolicy InPlacePodVerticalScalingAllocatedStatus
      InTreePluginPortworxUnregister MemoryManager ServiceTrafficDistribution
      StructuredAuthorizationConfiguration TopologyAwareHints
      WatchFromStorageWithoutResourceVersion`,
    ),
    locked: {
      ...lockedTo(
        true,
        `CSIServiceAccountTokenSecrets DRAAdminAccess DeclarativeValidation
        DisableNodeKubeProxyVersion ExternalServiceAccountTokenSigner ImageVolume
        InOrderInformers KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources
        KubeletPodResourcesGet MutableCSINodeAllocatableCount NodeLogQuery ProcMountType
        SELinuxChangePolicy SELinuxMountReadWriteOncePod TopologyManagerPolicyOptions
        UserNamespacesSupport VolumeAttributesClass`,
      ),
      ...lockedTo(false, `GitRepoVolumeDriver SeparateCacheWatchRPC`),
    },
  },
})
