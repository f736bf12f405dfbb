import { oneOf } from '../../lib/field-type.js'
import { after } from './difference.js'
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
})
