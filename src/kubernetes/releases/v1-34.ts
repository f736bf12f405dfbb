import { after, gone } from './difference.js'
import { v1_33 } from './v1-33.js'

/** Kubernetes 1.34: kubeadm's output at 1.34.9; the images are the same at 1.34.10 (see v1-21.ts). */
export const v1_34 = after(v1_33, {
  minor: '1.34',
  patch: '1.34.10',
  untested: true,
  images: { etcd: '3.6.5-0', pause: '3.10.1', coredns: 'v1.12.1' },
  kubeconfig: { preferences: false },
  staticPods: {
    creationTimestamp: false,
    namedProbePort: true,
    flags: {
      etcd: {
        'experimental-initial-corrupt-check': gone,
        'experimental-watch-progress-notify-interval': gone,
        'feature-gates': 'InitialCorruptCheck=true',
        'watch-progress-notify-interval': '5s',
      },
    },
  },
  kubelet: { endpoint: 'config', runtimeFlags: { other: { 'container-runtime-endpoint': gone } } },
  node: { criSocketAnnotation: undefined },
  coreDns: { namedProbePorts: true },
})
