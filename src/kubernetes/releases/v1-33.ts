import { oneOf } from '../../lib/field-type.js'
import { after } from './difference.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_32 } from './v1-32.js'

/** Kubernetes 1.33: kubeadm's output at 1.33.13. */
export const v1_33 = after(v1_32, {
  minor: '1.33',
  patch: '1.33.13',
  untested: false,
  images: { coredns: 'v1.12.0' },
  certificates: { kubeletClientOrganization: undefined },
  kubeconfig: { kubeletLocal: true },
  kubelet: {
    fields: {
      imagePullCredentialsVerificationPolicy: oneOf(
        'NeverVerify',
        'NeverVerifyPreloadedImages',
        'NeverVerifyAllowlistedImages',
        'AlwaysVerify',
      ),
      mergeDefaultEvictionSettings: 'bool',
      preloadedImagesVerificationAllowlist: { list: 'string' },
      userNamespaces: { fields: { idsPerPod: { int: [65536, Number.MAX_SAFE_INTEGER] } } },
    },
  },
  extraBindings: [
    {
      name: 'kubeadm:apiserver-kubelet-client',
      clusterRole: 'system:kubelet-api-admin',
      subject: { kind: 'User', name: 'kube-apiserver-kubelet-client' },
    },
    ...v1_32.extraBindings,
  ],
  refused: {
    gates: refusedSince(
      '1.33',
      `APIListChunking AdmissionWebhookMatchConditions AggregatedDiscoveryEndpoint AppArmor
      AppArmorFields CPUManager DisableCloudProviders DisableKubeletCloudCredentialProviders
      EfficientWatchResumption JobPodFailurePolicy KubeProxyDrainingTerminatingNodes
      PDBUnhealthyPodEvictionPolicy PersistentVolumeLastPhaseTransitionTime RemainingItemCount
      VolumeCapacityPriority WatchBookmark`,
    ),
    locked: {
      ...lockedTo(
        true,
        `AnyVolumeDataSource BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting
        CSIMigrationPortworx HonorPVReclaimPolicy JobBackoffLimitPerIndex JobSuccessPolicy
        MatchLabelKeysInPodAffinity NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread
        RecursiveReadOnlyMounts ServiceAccountTokenNodeBinding ServiceTrafficDistribution
        SidecarContainers TopologyAwareHints`,
      ),
      ...lockedTo(false, `WatchFromStorageWithoutResourceVersion`),
    },
  },
  goneApis: [],
})
