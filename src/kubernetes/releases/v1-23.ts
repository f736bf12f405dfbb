import { anyInt, count, fieldsOf, oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { loggingDefaults, loggingFields } from './logging.js'
import { refusedSince } from './refused.js'
import { v1_22 } from './v1-22.js'

/** Kubernetes 1.23, at 1.23.17; sources as in v1-21.ts. */
export const v1_23 = after(v1_22, {
  minor: '1.23',
  patch: '1.23.17',
  untested: true,
  // k8s.gcr.io and etcd 3.5.1-0 at first, 3.5.6-0 from 1.23.15 on
  containerd: { below: gone },
  images: { etcd: '3.5.6-0', pause: '3.6', coredns: 'v1.8.6' },
  staticPods: {
    flags: {
      // #104157, #105034
      'kube-controller-manager': { port: gone },
      'kube-scheduler': { port: gone },
    },
  },
  kubelet: {
    configMap: 'kubelet-config-1.23',
    fields: {
      logging: { fields: loggingFields },
      registerNode: 'bool',
      registerWithTaints: {
        list: {
          fields: {
            ...fieldsOf('string', 'key timeAdded value'),
            effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
          },
        },
      },
      shutdownGracePeriodByPodPriority: {
        list: { fields: { priority: anyInt, shutdownGracePeriodSeconds: count } },
      },
    },
    defaults: { logging: loggingDefaults },
  },
  refused: {
    configurations: refusedSince('1.23', `kubescheduler.config.k8s.io/v1beta1`),
    flags: {
      'kube-scheduler': refusedSince(
        '1.23',
        `
        algorithm-provider policy-config-file policy-configmap policy-configmap-namespace use-
        legacy-policy-config`,
      ),
    },
    gates: refusedSince(
      '1.23',
      `BalanceAttachedNodeVolumes CRIContainerLogRotation CSIMigrationvSphereComplete CSINodeInfo
      ExternalPolicyForExternalIP LegacyNodeRoleBehavior NodeDisruptionExclusion RootCAConfigMap
      RunAsGroup SCTPSupport ServiceAppProtocol ServiceNodeExclusion ServiceTopology Sysctls
      VolumeSnapshotDataSource`,
    ),
  },
  goneApis: [],
})
