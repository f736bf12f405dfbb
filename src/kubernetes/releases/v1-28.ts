import { after } from './difference.js'
import { flushInEither, loggingDefaults, loggingFields } from './logging.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_27 } from './v1-27.js'

/** Kubernetes 1.28, at 1.28.15; sources as in v1-21.ts. */
export const v1_28 = after(v1_27, {
  minor: '1.28',
  patch: '1.28.15',
  untested: true,
  // etcd 3.5.9-0 at first, 3.5.15-0 from 1.28.14 on
  images: { etcd: '3.5.15-0' },
  // #118733: 3.4.13-4
  minimumEtcd: '3.4.13',
  kubelet: { fields: { logging: { fields: { flushFrequency: flushInEither } } } },
  kubeProxy: {
    fields: { logging: { fields: { ...loggingFields, flushFrequency: flushInEither } } },
    defaults: { logging: loggingDefaults },
  },
  // #117521: CoreDNS no longer looks at nodes
  coreDns: {
    rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }],
  },
  refused: {
    configurations: refusedSince('1.28', `kubescheduler.config.k8s.io/v1beta2`),
    flags: {
      'kube-scheduler': refusedSince('1.28', `lock-object-name lock-object-namespace`),
    },
    gates: refusedSince(
      '1.28',
      `AdvancedAuditing CSIMigrationGCE CSIStorageCapacity DelegateFSGroupToCSIDriver DevicePlugins
      DisableAcceleratorUsageMetrics DryRun EndpointSliceTerminatingCondition
      KubeletCredentialProviders MixedProtocolLBService NetworkPolicyStatus PodHasNetworkCondition
      PodSecurity ServiceIPStaticSubrange ServiceInternalTrafficPolicy
      UserNamespacesStatelessPodsSupport WindowsHostProcessContainers`,
    ),
    locked: {
      ...lockedTo(
        true,
        `APISelfSubjectReview ExpandedDNSConfig IPTablesOwnershipCleanup KubeletPodResources
        KubeletPodResourcesGetAllocatable LegacyServiceAccountTokenTracking
        MinimizeIPTablesRestore NodeOutOfServiceVolumeDetach ProbeTerminationGracePeriod
        ProxyTerminatingEndpoints`,
      ),
      ...lockedTo(false, `ExperimentalHostUserNamespaceDefaulting`),
    },
  },
  goneApis: [],
})
