import type { Context } from './context.js'

/** The kubelet's unit, by the name every package and kubeadm give it. */
export const kubeletUnit = 'kubelet.service'

/** Where the kubelet keeps everything (--root-dir). */
export const kubeletDirectory = '/var/lib/kubelet'

/** Directories that fill once a kubelet runs, and are no one else's. */
export const kubeletTrees = ({ runtime, network }: Context): string[] => [
  kubeletDirectory,
  '/var/log/pods',
  '/var/log/containers',
  ...runtime.trees,
  ...network.trees,
]
