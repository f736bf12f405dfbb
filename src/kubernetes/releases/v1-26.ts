import { oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { goneApis } from './gone-apis.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_25 } from './v1-25.js'

/** Kubernetes 1.26, at 1.26.15; sources as in v1-21.ts. */
export const v1_26 = after(v1_25, {
  minor: '1.26',
  patch: '1.26.15',
  untested: true,
  // kubelets speak v1 of the CRI alone (changelog of 1.26); containerd as Kubespray 2.31 has it
  programs: { containerd: '2.2.3' },
  // etcd 3.5.6-0 at first, 3.5.10-0 from 1.26.13 on
  // changelog of 1.26: "containerd version 1.5 is not supported": CRI v1 alone is spoken, and containerd speaks it from 1.6 on
  containerd: {
    least: { version: '1.6.0', why: 'the kubelet speaks CRI v1 alone, which containerd has from 1.6 on' },
  },
  images: { etcd: '3.5.10-0', pause: '3.9' },
  kubelet: {
    fields: { topologyManagerPolicyOptions: { map: 'string' } },
    // #112000: "remote" was the only value left, and the kubelet of 1.27 refuses the flag
    runtimeFlags: { other: { 'container-runtime': gone } },
  },
  kubeProxy: {
    fields: {
      iptables: { fields: { localhostNodePorts: 'bool' } },
      // the userspace proxy went (changelog of 1.26)
      mode: oneOf('iptables', 'ipvs'),
      udpIdleTimeout: gone,
    },
    defaults: { iptables: { localhostNodePorts: null }, udpIdleTimeout: gone },
  },
  // #112008
  coreDns: { tolerations: ['node-role.kubernetes.io/control-plane'] },
  refused: {
    flags: {
      kubelet: refusedSince(
        '1.26',
        `
        add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size
        logtostderr one-output skip-headers skip-log-headers stderrthreshold`,
      ),
      'kube-apiserver': refusedSince(
        '1.26',
        `
        add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size
        logtostderr one-output skip-headers skip-log-headers stderrthreshold`,
      ),
      'kube-controller-manager': refusedSince(
        '1.26',
        `
        add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size
        logtostderr one-output skip-headers skip-log-headers stderrthreshold insecure-
        experimental-approve-all-kubelet-csrs-for-group`,
      ),
      'kube-scheduler': refusedSince(
        '1.26',
        `
        add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size
        logtostderr one-output skip-headers skip-log-headers stderrthreshold`,
      ),
    },
    gates: refusedSince(
      '1.26',
      `CSIMigrationOpenStack CSRDuration DefaultPodTopologySpread DynamicKubeletConfig IndexedJob
      NonPreemptingPriority PodAffinityNamespaceSelector PodOverhead PreferNominatedNode
      ServiceLBNodePortControl ServiceLoadBalancerClass SuspendJob`,
    ),
    locked: {
      ...lockedTo(
        true,
        `CPUManager DelegateFSGroupToCSIDriver DevicePlugins DryRun
        EndpointSliceTerminatingCondition JobTrackingWithFinalizers KubeletCredentialProviders
        MixedProtocolLBService ServerSideApply ServiceIPStaticSubrange
        ServiceInternalTrafficPolicy WindowsHostProcessContainers`,
      ),
    },
  },
  goneApis: [
    ...goneApis('autoscaling/v2beta2', 'horizontalpodautoscalers', 'autoscaling/v2'),
    ...goneApis(
      'flowcontrol.apiserver.k8s.io/v1beta1',
      'flowschemas prioritylevelconfigurations',
      'flowcontrol.apiserver.k8s.io/v1beta2',
    ),
  ],
})
