import { z } from 'zod'

const mirror = (of: string) =>
  z.string().optional().describe(`Base URL (https) of a mirror of ${of}, with the same paths below it.`)

/** `sources`. */
export const sourcesSchema = z
  .strictObject({
    kubernetes: z
      .enum(['download', 'packages', 'bundle'])
      .optional()
      .describe(
        'kubelet and kubectl: download (each host downloads the official release, and is held to the digests that kubestrap fetched), packages (of the community repository of the minor, in exactly the version, held; with kubeadm) or bundle (sent from binaries.bundle). Default: bundle if binaries.bundle is set, else download.',
      ),
    mirrors: z
      .strictObject({
        kubernetes: mirror('https://dl.k8s.io'),
        packages: mirror('https://pkgs.k8s.io'),
      })
      .optional()
      .describe('Mirrors of the sites that are downloaded from.'),
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
