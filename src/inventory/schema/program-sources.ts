import { z } from 'zod'
import { secretPattern } from '../secret-reference.js'

const mirror = (of: string) =>
  z.string().optional().describe(`Base URL (https) of a mirror of ${of}, with the same paths below it.`)

const proxyUrl = (scheme: string) =>
  z.string().optional().describe(`Proxy for URLs of ${scheme}: http://HOST:PORT.`)

/** `sources`. */
export const sourcesSchema = z
  .strictObject({
    kubernetes: z
      .enum(['download', 'packages', 'bundle'])
      .optional()
      .describe(
        'kubelet and kubectl: download (each host downloads the official release, and is held to the digests that kubestrap fetched), packages (of the community repository of the minor, in exactly the version, held; with kubeadm) or bundle (sent from binaries.bundle). Default: bundle if binaries.bundle is set, else download.',
      ),
    runtime: z
      .enum(['packages', 'download'])
      .optional()
      .describe(
        'The container runtime: packages (of the distribution, or of os.repositories) or download (containerd and runc of their releases). Default: packages; in a new cluster of containerd without a bundle download, if the repositories of a node have no containerd, or none in a version that the kubelet works with. An existing cluster keeps its own.',
      ),
    cniPlugins: z
      .enum(['packages', 'download'])
      .optional()
      .describe(
        'The CNI plug-ins: packages (of the distribution; with kubernetes: packages kubernetes-cni) or download (of their release). Default: packages; in a new cluster without a bundle download, if the repositories of a node do not have them. An existing cluster keeps its own.',
      ),
    versions: z
      .strictObject({
        containerd: z
          .string()
          .optional()
          .describe('Release of containerd (runtime: download). Default: by the minor of Kubernetes.'),
        runc: z
          .string()
          .optional()
          .describe('Release of runc (runtime: download). Default: by the minor of Kubernetes.'),
        cniPlugins: z
          .string()
          .optional()
          .describe(
            'Release of the CNI plug-ins (cniPlugins: download). Default: by the minor of Kubernetes.',
          ),
        etcd: z
          .string()
          .optional()
          .describe('Release of etcd (etcd.install: download). Default: by the minor of Kubernetes.'),
      })
      .optional()
      .describe('Versions of what is downloaded besides Kubernetes, without the v: "2.2.3".'),
    mirrors: z
      .strictObject({
        kubernetes: mirror('https://dl.k8s.io'),
        github: mirror('https://github.com'),
        packages: mirror('https://pkgs.k8s.io'),
      })
      .optional()
      .describe('Mirrors of the sites that hosts, and bundle create, download from.'),
    proxy: z
      .strictObject({
        http: proxyUrl('http'),
        https: proxyUrl('https'),
        noProxy: z
          .array(z.string().min(1))
          .optional()
          .describe(
            'What is reached without the proxy besides the API, Pods, Services, and hosts that mirrors or registries name: names, addresses, subnets, or domains with a dot before them (.example.com).',
          ),
        auth: z
          .strictObject({
            username: z.string().min(1).describe('Name of the login.'),
            password: z
              .string()
              .regex(secretPattern)
              .describe('env:NAME, file:PATH, command:COMMAND or prompt.'),
          })
          .optional()
          .describe('Login at the proxy.'),
      })
      .optional()
      .describe(
        'Proxy through which hosts fetch packages, programs and images. The container runtime and the package manager are told it, nothing else.',
      ),
    caCertificate: z
      .string()
      .min(1)
      .optional()
      .describe(
        'CA certificate of the mirrors, where a private authority signed theirs: a local PEM file; ~ and paths relative to this file.',
      ),
  })
  .optional()
  .describe(
    'Where programs come from. Images come from binaries.bundle if it is set, else from their registries.',
  )
