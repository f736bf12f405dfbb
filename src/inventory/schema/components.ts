import { z } from 'zod'
import { extraArgs } from './arguments.js'
import { leaderElectionSchema } from './leader-election.js'
import { record } from './record.js'

/** Types of a hostPath volume (k8s.io/api/core/v1, HostPathType). */
export const volumePathTypes = [
  'DirectoryOrCreate',
  'Directory',
  'FileOrCreate',
  'File',
  'Socket',
  'CharDevice',
  'BlockDevice',
] as const
export type VolumePathType = (typeof volumePathTypes)[number]

/** Fields of a component's own configuration. */
const componentConfig = record(z.unknown())

/** `extraVolumes` of a component of the control plane: kubeadm's HostPathMount, and where the file comes from. */
const extraVolumes = record(
  z.strictObject({
    hostPath: z.string().describe('Path on the control plane node.'),
    mountPath: z.string().optional().describe('Path in the container. Default: hostPath.'),
    readOnly: z
      .boolean()
      .optional()
      .describe('Whether the container cannot write there. Default: true with source, else false.'),
    pathType: z
      .enum(volumePathTypes)
      .optional()
      .describe(
        'Type of the hostPath volume. Default: File with source, else none, and the kubelet checks nothing.',
      ),
    source: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File that kubestrap writes to hostPath with mode 0600 (~ and paths relative to this file); after a change the Pod restarts. Default: the path is there already.',
      ),
  }),
)
  .optional()
  .describe(
    'Files and directories of the control plane nodes that the container sees, by the name of the volume, for flags that name files.',
  )

/** What can be said of a kubelet: of every one, or of those of some hosts. */
export const kubeletSettings = z.strictObject({
  config: componentConfig.optional().describe('Fields merged into KubeletConfiguration.'),
  extraArgs: extraArgs.optional(),
})

/** `apiServer`. */
export const apiServerSchema = z
  .strictObject({
    bindPort: z.int().min(1).max(65535).optional().describe('Port of each API server. Default 6443.'),
    certSANs: z
      .array(z.string())
      .optional()
      .describe(
        "Further names and addresses in the API server's certificate; the load balancer's virtual IP is there by itself.",
      ),
    extraArgs: extraArgs.optional(),
    extraVolumes,
  })
  .optional()
  .describe('kube-apiserver.')

/** `controllerManager`. */
export const controllerManagerSchema = z
  .strictObject({
    extraArgs: extraArgs.optional(),
    extraVolumes,
    leaderElection: leaderElectionSchema.optional(),
  })
  .optional()
  .describe('kube-controller-manager.')

/** `scheduler`. */
export const schedulerSchema = z
  .strictObject({
    extraArgs: extraArgs.optional(),
    extraVolumes,
    leaderElection: leaderElectionSchema.optional(),
  })
  .optional()
  .describe('kube-scheduler.')

/** `kubelet`. */
export const kubeletSchema = kubeletSettings.optional().describe('Kubelet of every node.')

/** `kubeProxy`. */
export const kubeProxySchema = z
  .strictObject({
    config: componentConfig.optional().describe('Fields merged into KubeProxyConfiguration.'),
  })
  .optional()
  .describe('kube-proxy.')

/** `dns`. */
export const dnsSchema = z
  .strictObject({
    enabled: z.boolean().optional().describe('CoreDNS as an add-on. Default true.'),
    imageTag: z.string().optional().describe('Tag of the image of CoreDNS. Default: that of the release.'),
  })
  .optional()
  .describe('Cluster DNS.')
