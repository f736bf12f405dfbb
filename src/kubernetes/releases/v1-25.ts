import { after } from './difference.js'
import { v1_24 } from './v1-24.js'

/** Kubernetes 1.25, at 1.25.16; sources as in v1-21.ts. */
export const v1_25 = after(v1_24, {
  minor: '1.25',
  patch: '1.25.16',
  untested: true,
  nodeLag: 3,
  // #109111
  suite: { ginkgo: 2 },
  // etcd 3.5.4-0 at first, 3.5.9-0 from 1.25.15 on
  images: { etcd: '3.5.9-0', pause: '3.8', coredns: 'v1.9.3' },
  staticPods: {
    flags: {
      // #111383
      etcd: { 'experimental-watch-progress-notify-interval': '5s' },
    },
    probes: {
      // #110744: liveness is a member's own, start-up the cluster's
      etcd: { liveness: '/health?exclude=NOSPACE&serializable=true', startup: '/health?serializable=false' },
    },
  },
  kubelet: {
    fields: {
      localStorageCapacityIsolation: 'bool',
      tracing: { fields: { endpoint: 'string', samplingRatePerMillion: { int: [0, 1_000_000] } } },
    },
    // "stable since v1.25" (kubernetes.io, About cgroup v2)
    cgroups: { v2: 'stable' },
  },
  // #110095
  node: { taints: ['node-role.kubernetes.io/control-plane'] },
  // #110593
  coreDns: { antiAffinity: true },
})
