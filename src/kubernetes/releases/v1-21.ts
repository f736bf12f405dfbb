import { count, oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { refusedSince } from './refused.js'
import { v1_20 } from './v1-20.js'

/**
 * Kubernetes 1.21, at 1.21.14. From the changes of kubeadm that the release notes name (numbers are pull requests of
 * kubernetes/kubernetes), and `kubeadm config images list` of every patch (minikube's constants_kubeadm_images.go).
 */
export const v1_21 = after(v1_20, {
  minor: '1.21',
  patch: '1.21.14',
  untested: true,
  images: { pause: '3.4.1', coredns: 'v1.8.0', corednsPath: 'coredns/coredns' },
  certificates: {
    // NewSignedCert sets BasicConstraintsValid since #97266
    leafBasicConstraints: true,
  },
  staticPods: {
    // no longer from 1.21.2 on, #102673
    requests: { etcd: { 'ephemeral-storage': gone } },
  },
  kubelet: {
    configMap: 'kubelet-config-1.21',
    fields: {
      enableDebugFlagsHandler: 'bool',
      enableProfilingHandler: 'bool',
      memoryManagerPolicy: oneOf('None', 'Static'),
      reservedMemory: {
        list: { fields: { numaNode: count, limits: { map: { either: ['quantity', 'number'] } } } },
      },
    },
    // #99471: systemd where nothing else is asked for
    defaults: { cgroupDriver: 'systemd' },
    // #99476: the pause image is told to every runtime
    runtimeFlags: { other: { 'pod-infra-container-image': '{pause}' } },
  },
  // #98269
  node: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
  // kube-dns is no longer an add-on of kubeadm, #99646
  coreDns: { serviceName: 'CoreDNS' },
  refused: {
    admissionPlugins: refusedSince('1.21', `DenyEscalatingExec DenyExecOnPrivileged`),
    gates: refusedSince(
      '1.21',
      `HyperVContainer ServiceLoadBalancerFinalizer SupportIPVSProxyMode TaintBasedEvictions
      WindowsGMSA WindowsRunAsUserName`,
    ),
  },
  goneApis: [],
})
