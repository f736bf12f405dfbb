import { EtcdError } from '../../kubernetes/client/etcd.js'
import type { Clock } from '../../lib/clock.js'
import { UserError } from '../../lib/errors.js'

/** Longer than an election, and than the five seconds that etcd wants its members connected before it changes them. */
const withinMs = 60_000
const everyMs = 250

/**
 * Asks etcd something again while it says that it cannot for the moment. `ask` must see for itself whether an
 * earlier try was done after all. Throws UserError('step') with etcd's words when the moment does not pass.
 */
export async function patiently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  const deadline = clock.now().getTime() + withinMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof EtcdError && error.passing)) throw error
      if (clock.now().getTime() > deadline)
        throw new UserError('step', `etcd did not accept the change within ${withinMs / 1000} s`, {
          why: error.message,
          next: 'find the unhealthy member (kubestrap status), restore it, and run again',
          cause: error,
        })
      await clock.sleep(everyMs)
    }
  }
}
