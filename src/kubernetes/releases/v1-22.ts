import { oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { goneApis } from './gone-apis.js'
import { refusedSince } from './refused.js'
import { v1_21 } from './v1-21.js'

/** Kubernetes 1.22, at 1.22.17; sources as in v1-21.ts. */
export const v1_22 = after(v1_21, {
  minor: '1.22',
  patch: '1.22.17',
  untested: true,
  images: {
    // k8s.gcr.io until 1.22.16 (#113388); the old name has been an alias of the new one since 2023
    repository: 'registry.k8s.io',
    // 3.5.0-0 until 1.22.16
    etcd: '3.5.6-0',
    pause: '3.5',
    coredns: 'v1.8.4',
  },
  // #101129, #101547, #101915
  clusterConfiguration: {
    apiVersion: 'kubeadm.k8s.io/v1beta3',
    defaults: { dns: { type: gone } },
    clusterStatus: false,
  },
  // NewSelfSignedCACert of k8s.io/client-go v0.22.0 (util/cert/cert.go)
  certificates: { authorityDnsName: true },
  staticPods: {
    // #100234
    podSpec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    flags: {
      // from 1.22.10 on, #109076
      etcd: { 'experimental-initial-corrupt-check': 'true' },
      // #102121
      'kube-apiserver': { 'insecure-port': gone },
    },
  },
  kubelet: {
    configMap: 'kubelet-config-1.22',
    fields: {
      cpuManagerPolicyOptions: { map: 'string' },
      memorySwap: { fields: { swapBehavior: oneOf('LimitedSwap', 'UnlimitedSwap') } },
      memoryThrottlingFactor: 'number',
      seccompDefault: 'bool',
    },
    defaults: { memorySwap: {} },
  },
  // #100724
  eviction: 'policy/v1',
  // #101966
  kubeProxy: { tolerations: [{ operator: 'Exists' }] },
  // #102466
  coreDns: {
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  refused: {
    gates: refusedSince(
      '1.22',
      `AttachVolumeLimit BlockVolume CSIBlockVolume CSIDriverRegistry CSIMigrationAWSComplete
      CSIMigrationAzureDiskComplete CSIMigrationAzureFileComplete CSIMigrationGCEComplete
      CSIMigrationOpenStackComplete EvenPodsSpread RotateKubeletClientCertificate TokenRequest
      TokenRequestProjection VolumePVCDataSource`,
    ),
  },
  goneApis: [
    ...goneApis(
      'admissionregistration.k8s.io/v1beta1',
      'mutatingwebhookconfigurations validatingwebhookconfigurations',
      'admissionregistration.k8s.io/v1',
    ),
    ...goneApis('apiextensions.k8s.io/v1beta1', 'customresourcedefinitions', 'apiextensions.k8s.io/v1'),
    ...goneApis('apiregistration.k8s.io/v1beta1', 'apiservices', 'apiregistration.k8s.io/v1'),
    ...goneApis('extensions/v1beta1', 'ingresses', 'networking.k8s.io/v1'),
    ...goneApis('networking.k8s.io/v1beta1', 'ingresses ingressclasses', 'networking.k8s.io/v1'),
    ...goneApis(
      'rbac.authorization.k8s.io/v1beta1',
      'roles rolebindings clusterroles clusterrolebindings',
      'rbac.authorization.k8s.io/v1',
    ),
    ...goneApis('scheduling.k8s.io/v1beta1', 'priorityclasses', 'scheduling.k8s.io/v1'),
    ...goneApis('storage.k8s.io/v1beta1', 'csidrivers storageclasses', 'storage.k8s.io/v1'),
  ],
})
