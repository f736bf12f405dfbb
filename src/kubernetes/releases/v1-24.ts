import { oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { refusedSince } from './refused.js'
import { v1_23 } from './v1-23.js'

/** Kubernetes 1.24, at 1.24.17; sources as in v1-21.ts, and a dry run of kubeadm 1.24.3 that somebody published. */
export const v1_24 = after(v1_23, {
  minor: '1.24',
  patch: '1.24.17',
  untested: true,
  // kubernetes.io/blog/2023/08/15/pkgs-k8s-io-introduction
  communityPackages: true,
  // dockershim's removal, KEP-2221
  dockershim: { last: '1.23' },
  // k8s.gcr.io (#113395) and etcd 3.5.3-0 at first, 3.5.6-0 from 1.24.9 on
  images: { pause: '3.7' },
  kubelet: {
    // #108027
    configMap: 'kubelet-config',
    fields: { logging: { fields: { sanitization: gone } } },
    // #107295
    socketScheme: 'unix://',
    // #106973: there is no dockershim
    runtimeFlags: { docker: gone },
  },
  // #107533
  node: {
    labels: { 'node-role.kubernetes.io/master': gone },
    taints: ['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'],
  },
  kubeProxy: {
    fields: {
      detectLocal: { fields: { bridgeInterface: 'string', interfaceNamePrefix: 'string' } },
      detectLocalMode: oneOf('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'),
      winkernel: { fields: { forwardHealthCheckVip: 'bool', rootHnsEndpointName: 'string' } },
    },
    defaults: {
      detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
      winkernel: { forwardHealthCheckVip: false, rootHnsEndpointName: '' },
    },
  },
  refused: {
    configurations: refusedSince('1.24', `audit.k8s.io/v1alpha1 audit.k8s.io/v1beta1`),
    flags: {
      kubelet: refusedSince(
        '1.24',
        `
        cni-bin-dir cni-cache-dir cni-conf-dir docker-endpoint dynamic-config-dir experimental-
        dockershim-root-directory image-pull-progress-deadline network-plugin network-plugin-mtu`,
      ),
      'kube-apiserver': refusedSince('1.24', `address insecure-bind-address insecure-port port`),
    },
    gates: refusedSince(
      '1.24',
      `BoundServiceAccountTokenVolume CronJobControllerV2 EnableEquivalenceClassCache
      NamespaceDefaultLabelName NodeLease ServiceAccountIssuerDiscovery StartupProbe
      SupportNodePidsLimit SupportPodPidsLimit`,
    ),
  },
})
