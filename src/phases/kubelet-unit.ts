import type { Context } from './context.js'

/** The kubelet's unit, by the name every package and kubeadm give it. */
export const kubeletUnit = 'kubelet.service'

/** Where the kubelet keeps everything (--root-dir). */
export const kubeletDirectory = '/var/lib/kubelet'

/** Directories that fill once a kubelet runs, and are no one else's. */
export const kubeletTrees = ({ release, runtime, network }: Context): string[] => [
  kubeletDirectory,
  '/etc/cni/net.d',
  '/var/log/pods',
  '/var/log/containers',
  ...(release.staticPods.flexVolumeDirectory ? [release.staticPods.flexVolumeDirectory] : []),
  ...runtime.trees,
  ...network.trees,
]
