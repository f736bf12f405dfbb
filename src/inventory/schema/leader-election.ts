import { z } from 'zod'

const duration = z.string().regex(/^(?:\d+h)?(?:\d+m)?(?:\d+s)?$/)

/** `leaderElection` of the scheduler and of the controller manager. */
export const leaderElectionSchema = z
  .strictObject({
    leaseDuration: duration.optional().describe('Time after which a lost leader is replaced. Default 15s.'),
    renewDeadline: duration
      .optional()
      .describe('Time within which a leader must renew its lease. Default 10s.'),
    retryPeriod: duration
      .optional()
      .describe('Time between attempts to acquire or renew the lease. Default 2s.'),
  })
  .describe('Leader election of its instances: leaseDuration > renewDeadline > 1.2 × retryPeriod.')
