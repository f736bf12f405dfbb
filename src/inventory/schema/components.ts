import { z } from 'zod'
import { extraArgs } from './arguments.js'
import { leaderElectionSchema } from './leader-election.js'
import { record } from './record.js'

/** Fields of a component's own configuration. */
const componentConfig = record(z.unknown())

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
  })
  .optional()
  .describe('kube-apiserver.')

/** `controllerManager`. */
export const controllerManagerSchema = z
  .strictObject({ extraArgs: extraArgs.optional(), leaderElection: leaderElectionSchema.optional() })
  .optional()
  .describe('kube-controller-manager.')

/** `scheduler`. */
export const schedulerSchema = z
  .strictObject({ extraArgs: extraArgs.optional(), leaderElection: leaderElectionSchema.optional() })
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
