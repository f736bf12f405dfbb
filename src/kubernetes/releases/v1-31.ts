import { after, gone } from './difference.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_30 } from './v1-30.js'

/** Kubernetes 1.31: kubeadm's output at 1.31.14. */
export const v1_31 = after(v1_30, {
  minor: '1.31',
  patch: '1.31.14',
  untested: false,
  images: { etcd: '3.5.24-0', pause: '3.10' },
  minimumEtcd: '3.5.24',
  clusterConfiguration: {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    defaults: {
      apiServer: { timeoutForControlPlane: gone },
      caCertificateValidityPeriod: '87600h0m0s',
      certificateValidityPeriod: '8760h0m0s',
      encryptionAlgorithm: 'RSA-2048',
      proxy: {},
    },
    extraArgs: 'list',
    dnsDisabled: true,
  },
  staticPods: {
    // changelog of 1.31: /etc/pki as a whole is no longer mounted
    caDirectories: [
      '/etc/pki/ca-trust',
      '/etc/pki/tls/certs',
      '/usr/share/ca-certificates',
      '/usr/local/share/ca-certificates',
      '/etc/ca-certificates',
    ],
    // #124465
    probes: { etcd: { liveness: '/livez', readiness: '/readyz', startup: '/readyz' } },
  },
  kubelet: { fields: { failCgroupV1: 'bool' } },
  kubeProxy: { fields: { windowsRunAsService: 'bool' } },
  refused: {
    flags: {
      kubelet: refusedSince('1.31', `iptables-drop-bit iptables-masquerade-bit keep-terminated-pod-volumes`),
      'kube-controller-manager': refusedSince(
        '1.31',
        `
        horizontal-pod-autoscaler-downscale-delay horizontal-pod-autoscaler-upscale-delay
        volume-host-allow-local-loopback volume-host-cidr-denylist`,
      ),
    },
    admissionPlugins: refusedSince('1.31', `PersistentVolumeLabel`),
    gates: refusedSince(
      '1.31',
      `APIPriorityAndFairness CSIMigrationRBD CSINodeExpandSecret ConsistentHTTPGetHandlers
      CustomResourceValidationExpressions DefaultHostNetworkHostPortsInPodTemplates
      InTreePluginAWSUnregister InTreePluginAzureDiskUnregister InTreePluginAzureFileUnregister
      InTreePluginGCEUnregister InTreePluginOpenStackUnregister InTreePluginRBDUnregister
      InTreePluginvSphereUnregister JobReadyPods ReadWriteOncePod ServiceNodePortStaticSubrange
      SkipReadOnlyValidationGCE`,
    ),
    locked: {
      ...lockedTo(
        true,
        `AppArmor AppArmorFields DevicePluginCDIDevices DisableCloudProviders
        DisableKubeletCloudCredentialProviders ElasticIndexedJob JobPodFailurePolicy
        KubeProxyDrainingTerminatingNodes LogarithmicScaleDown PDBUnhealthyPodEvictionPolicy
        PersistentVolumeLastPhaseTransitionTime PodDisruptionConditions StatefulSetStartOrdinal`,
      ),
    },
  },
})
