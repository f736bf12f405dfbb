import { z } from 'zod'

/** Debian 11, 12 and 13. */
const labSuites = ['bullseye', 'bookworm', 'trixie'] as const
export type LabSuite = (typeof labSuites)[number]

/** `lab`. */
export const labSchema = z
  .strictObject({
    provider: z
      .literal('nspawn')
      .optional()
      .describe('systemd-nspawn machines on the computer kubestrap runs on.'),
    bridge: z.string().optional().describe('Name of the network bridge. Default ks-lab0.'),
    gateway: z.string().describe('Address of this computer on the bridge, with prefix: 10.88.0.1/24.'),
    directory: z
      .string()
      .min(1)
      .optional()
      .describe('Directory of machines and keys. Default ~/.cache/kubestrap/lab.'),
    packages: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'name of a Debian package'))
      .optional()
      .describe('Debian packages that the machines have from the start. Default none.'),
    suites: z
      .record(z.string(), z.enum(labSuites))
      .optional()
      .describe('The Debian release of a machine, by its name: { w1: trixie }. Default bookworm.'),
  })
  .optional()
  .describe('Throw-away machines for this inventory (kubestrap lab up).')
