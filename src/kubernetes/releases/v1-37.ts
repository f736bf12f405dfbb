import { after, gone } from './difference.js'
import { v1_36 } from './v1-36.js'

/** Kubernetes 1.37: images of 1.37.0-rc.0, types of v0.37.0-beta.0, the draft of its release notes; sources as in v1-21.ts. */
export const v1_37 = after(v1_36, {
  minor: '1.37',
  patch: '1.37.0',
  untested: true,
  containerd: {
    least: {
      version: '2.0.0',
      why: 'the kubelet requires RuntimeConfig, which containerd has from 2.0 on',
    },
    advised: gone,
  },
  images: { etcd: '3.7.0-0', coredns: 'v1.14.6' },
  // #139777: kube-proxy warns where no mode is set
  kubeProxy: { defaults: { mode: 'iptables' } },
})
