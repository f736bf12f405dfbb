import { oneOf } from '../../lib/field-type.js'
import { after } from './difference.js'
import { goneApis } from './gone-apis.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_31 } from './v1-31.js'

/** Kubernetes 1.32: kubeadm's output at 1.32.13. */
export const v1_32 = after(v1_31, {
  minor: '1.32',
  patch: '1.32.13',
  untested: true,
  staticPods: {
    probes: { 'kube-scheduler': { liveness: '/livez', readiness: '/readyz', startup: '/livez' } },
  },
  kubelet: {
    fields: {
      crashLoopBackOff: { fields: { maxContainerRestartPeriod: 'duration' } },
      enforceNodeAllocatable: {
        list: oneOf(
          'pods',
          'system-reserved',
          'system-reserved-compressible',
          'kube-reserved',
          'kube-reserved-compressible',
          'none',
        ),
      },
      singleProcessOOMKill: 'bool',
    },
    defaults: { crashLoopBackOff: {} },
  },
  coreDns: { cache: ['cache 30 {', '   disable success {domain}', '   disable denial {domain}', '}'] },
  refused: {
    gates: refusedSince(
      '1.32',
      `CloudDualStackNodeIPs DRAControlPlaneController HPAContainerMetrics KMSv2 KMSv2KDF
      LegacyServiceAccountTokenCleanUp MinDomainsInPodTopologySpread
      NewVolumeManagerReconstruction NodeOutOfServiceVolumeDetach PodHostIPs ServerSideApply
      ServerSideFieldValidation StableLoadBalancerNodeSet ValidatingAdmissionPolicy
      ZeroLimitedNominalConcurrencyShares`,
    ),
    locked: {
      ...lockedTo(
        true,
        `ComponentSLIs CronJobsScheduledAnnotation CustomResourceFieldSelectors
        LoadBalancerIPMode MemoryManager PodIndexLabel RetryGenerateName ServiceAccountTokenJTI
        ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo
        SizeMemoryBackedVolumes StatefulSetAutoDeletePVC StrictCostEnforcementForVAP
        StrictCostEnforcementForWebhooks StructuredAuthorizationConfiguration`,
      ),
      ...lockedTo(false, `AllowServiceLBStatusOnNonLB`),
    },
  },
  goneApis: [
    ...goneApis(
      'flowcontrol.apiserver.k8s.io/v1beta3',
      'flowschemas prioritylevelconfigurations',
      'flowcontrol.apiserver.k8s.io/v1',
    ),
  ],
})
