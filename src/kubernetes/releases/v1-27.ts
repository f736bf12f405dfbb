import { after } from './difference.js'
import { goneApis } from './gone-apis.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_26 } from './v1-26.js'

/** Kubernetes 1.27, at 1.27.16; sources as in v1-21.ts. */
export const v1_27 = after(v1_26, {
  minor: '1.27',
  patch: '1.27.16',
  untested: true,
  // etcd 3.5.7-0 at first, 3.5.12-0 from 1.27.12 on
  images: { etcd: '3.5.12-0', coredns: 'v1.10.1' },
  // #114338
  staticPods: { podSpec: { priority: 2_000_001_000 } },
  kubelet: {
    fields: {
      containerRuntimeEndpoint: 'string',
      enableSystemLogQuery: 'bool',
      imageServiceEndpoint: 'string',
      maxParallelImagePulls: { int: [1, 2 ** 31 - 1] },
    },
    // has no omitempty in Go
    defaults: { containerRuntimeEndpoint: '' },
  },
  refused: {
    flags: {
      kubelet: refusedSince('1.27', `container-runtime master-service-namespace`),
      'kube-apiserver': refusedSince('1.27', `master-service-namespace`),
      'kube-controller-manager': refusedSince('1.27', `enable-taint-manager pod-eviction-timeout`),
    },
    gates: refusedSince(
      '1.27',
      `CSIInlineVolume CSIMigration CSIMigrationAWS CSIMigrationAzureDisk
      ControllerManagerLeaderMigration DaemonSetUpdateSurge EphemeralContainers ExpandCSIVolumes
      ExpandInUsePersistentVolumes ExpandPersistentVolumes IdentifyPodOS
      LocalStorageCapacityIsolation NetworkPolicyEndPort StatefulSetMinReadySeconds`,
    ),
    locked: {
      ...lockedTo(
        true,
        `AdvancedAuditing CSIMigrationAzureFile CSIMigrationvSphere CronJobTimeZone
        DownwardAPIHugePages GRPCContainerProbe JobMutableNodeSchedulingDirectives
        LegacyServiceAccountTokenNoAutoGeneration OpenAPIV3 SeccompDefault
        ServerSideFieldValidation TopologyManager`,
      ),
    },
  },
  goneApis: [...goneApis('storage.k8s.io/v1beta1', 'csistoragecapacities', 'storage.k8s.io/v1')],
})
