import { z } from 'zod'

/** `kubernetes`. */
export const kubernetesSchema = z
  .strictObject({
    version: z
      .string()
      .optional()
      .describe(
        'Kubernetes version, quoted: "1.20.2". Default: the newest that was tested, for a new cluster; an existing cluster keeps its version.',
      ),
    clusterName: z.string().min(1).optional().describe('Cluster name in kubeconfigs. Default kubernetes.'),
    controlPlaneEndpoint: z
      .string()
      .optional()
      .describe(
        'host:port of the API for all clients; a name is kept in /etc/hosts of the nodes. Default: the first control plane node.',
      ),
    imageRepository: z
      .string()
      .min(1)
      .optional()
      .describe('Registry of the control plane images. Default: that of the release.'),
  })
  .optional()
  .describe('Kubernetes version and API endpoint.')

/** `networking`. */
export const networkingSchema = z
  .strictObject({
    podSubnet: z
      .string()
      .optional()
      .describe('Addresses of Pods; each node has a share of it. Default 10.244.0.0/16.'),
    serviceSubnet: z.string().optional().describe('Addresses of Services. Default 10.96.0.0/12.'),
    dnsDomain: z.string().optional().describe("Domain of the cluster's names. Default cluster.local."),
  })
  .optional()
  .describe('Subnets of the cluster.')

/** `certificates`. */
export const certificatesSchema = z
  .strictObject({
    renewBefore: z
      .string()
      .optional()
      .describe(
        'up renews a certificate that expires within this time, such as 30d or 720h; never before the last third of its life. Default 90d.',
      ),
  })
  .optional()
  .describe('The certificates that kubestrap signs; a kubelet renews its own.')

/** `rollout`. */
export const rolloutSchema = z
  .strictObject({
    maxUnavailable: z
      .union([z.number().int(), z.string()])
      .optional()
      .describe(
        'How many nodes a change may make unavailable at once: a number, or a percentage of the nodes, rounded down but at least one. Default 1. Control plane nodes and etcd members always change one after the other.',
      ),
    minReadySeconds: z
      .number()
      .int()
      .min(0)
      .max(3600)
      .optional()
      .describe(
        'How long a node must be Ready, without a restart of its kubelet, before the next one is interrupted, as minReadySeconds of a Deployment. Default 0.',
      ),
    maxFailed: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe(
        'After how many nodes whose change failed no further one is begun: with 0 none is after the first. A node that failed and is not available counts for maxUnavailable too. Default 0.',
      ),
    drain: z
      .strictObject({
        timeout: z
          .string()
          .optional()
          .describe('How long the eviction of the Pods of one node may take, such as 90s or 5m. Default 5m.'),
        deleteEmptyDirData: z
          .boolean()
          .optional()
          .describe('Evict Pods with emptyDir volumes too, whose data is lost then. Default true.'),
        force: z
          .boolean()
          .optional()
          .describe(
            'Delete Pods that no controller recreates too. Default false: such a Pod stops the rollout.',
          ),
      })
      .optional()
      .describe('The drain of a node before a change that ends its Pods, as by kubectl drain.'),
  })
  .optional()
  .describe('How changes go through the nodes of an existing cluster.')

/** `kubeconfig`. */
export const kubeconfigSchema = z
  .strictObject({
    loginUser: z
      .boolean()
      .optional()
      .describe(
        'Make the SSH login user of each control plane an administrator of the cluster: admin.conf as ~/.kube/config, readable by that user. Default false: root alone has it.',
      ),
  })
  .optional()
  .describe('Kubeconfigs on control planes.')

/** `verify`. */
export const verifySchema = z
  .strictObject({
    image: z
      .string()
      .min(1)
      .optional()
      .describe('Image with busybox for the test Pods. Default: busybox of docker.io, or of the bundle.'),
  })
  .optional()
  .describe('How the cluster is verified.')

/** `binaries`. */
export const binariesSchema = z
  .strictObject({
    bundle: z
      .string()
      .min(1)
      .describe(
        'Directory with bundle.json, created by kubestrap bundle create; ~ and paths relative to this file.',
      ),
    sha256: z
      .string()
      .optional()
      .describe(
        "SHA-256 of its bundle.json, which has every file's: no other bundle is used. kubestrap bundle create and bundle show print it.",
      ),
  })
  .optional()
  .describe('A bundle of programs and images, for hosts that download nothing. Default: none; see sources.')
