import { z } from 'zod'
import { extraArgs } from './arguments.js'

const clientFile = (what: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(`${what}: a local file, copied to each control plane node; ~ and paths relative to this file.`)

const planeFile = (instead: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(
      `Instead of ${instead}: absolute path of an existing file on each control plane node (as in kubeadm).`,
    )

/** `etcd`. */
export const etcdSchema = z
  .strictObject({
    dataDir: z.string().optional().describe('Directory of the data of a member. Default /var/lib/etcd.'),
    imageTag: z
      .string()
      .optional()
      .describe('Tag of the image of etcd on control plane nodes. Default: that of the release.'),
    extraArgs: extraArgs.optional(),
    install: z
      .enum(['package', 'download', 'tarball', 'bundle'])
      .optional()
      .describe(
        'Source of the etcd programs on hosts with the role etcd: package (of the distribution), download (each host downloads the release that Kubernetes has), tarball (a release of etcd, see tarball) or bundle (its etcd and etcdctl). Default: tarball if one is named, else package.',
      ),
    tarball: z
      .strictObject({
        file: z.string().min(1).describe('etcd-vX.Y.Z-linux-ARCH.tar.gz; ~ and paths relative to this file.'),
        sha256: z.string().describe('SHA-256 of the file, from SHA256SUMS of the release.'),
      })
      .optional()
      .describe('A release of etcd, for hosts with the role etcd.'),
    external: z
      .strictObject({
        endpoints: z.array(z.string()).min(1).describe('Client URLs of the members, https://HOST:2379.'),
        ca: clientFile('CA certificate of etcd'),
        cert: clientFile('Client certificate of the API servers'),
        key: clientFile('Key of the client certificate'),
        caFile: planeFile('ca'),
        certFile: planeFile('cert'),
        keyFile: planeFile('key'),
      })
      .optional()
      .describe('An existing etcd, on which nothing is installed. Excludes hosts with the role etcd.'),
  })
  .optional()
  .describe('etcd: on the control plane nodes, on hosts with the role etcd, or an existing one (external).')
