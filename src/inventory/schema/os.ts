import { z } from 'zod'

/** What can be said of the operating system of a host. */
export const osSchema = z
  .strictObject({
    like: z
      .enum(['debian', 'ubuntu', 'rhel', 'suse'])
      .optional()
      .describe(
        'Treat a derived system that kubestrap does not know (Linux Mint, Raspbian, …) like this one: its package manager and names.',
      ),
  })
  .describe('The operating system of the host.')
