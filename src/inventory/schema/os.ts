import { z } from 'zod'
import { record } from './record.js'

const repository = z.strictObject({
  url: z
    .string()
    .describe(
      'URL of the repository: of apt the part before dists/, of dnf and zypper the directory with repodata/.',
    ),
  key: z
    .string()
    .min(1)
    .describe('The public key that signs it, armored: a local file; ~ and paths relative to this file.'),
  suite: z
    .string()
    .min(1)
    .optional()
    .describe('apt: the suite, or a directory that ends in a slash. Required there.'),
  components: z.array(z.string().min(1)).optional().describe('apt: the components of the suite.'),
  signedLists: z
    .boolean()
    .optional()
    .describe(
      'dnf, zypper: repomd.xml is signed too (repo_gpgcheck). Packages always must be. Default true.',
    ),
})

/** What can be said of the operating system of a host. */
export const osSchema = z
  .strictObject({
    like: z
      .enum(['debian', 'ubuntu', 'rhel', 'suse'])
      .optional()
      .describe(
        'Treat a derived system that kubestrap does not know (Linux Mint, Raspbian, …) like this one: its package manager and names.',
      ),
    repositories: record(repository)
      .optional()
      .describe('Further repositories of packages, by a name of lower-case letters, digits and dashes.'),
    hold: z
      .boolean()
      .optional()
      .describe(
        'Keep the packages of the container runtime from upgrades by others (apt-mark hold, dnf versionlock, zypper addlock). Default false.',
      ),
  })
  .describe('The operating system of the host.')
