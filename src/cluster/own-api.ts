import { isBug, messageOf, UserError } from '../lib/errors.js'
import type { Context } from './context.js'
import type { CrashWatch } from './crash-watch.js'
import { openApi } from './kube-access.js'
import type { Machine } from './machine.js'

/** What is missing until a control plane's own API server is ready, in a few words; undefined when it is. */
export async function ownApiMissing(context: Context, machine: Machine): Promise<string | undefined> {
  const { name } = machine.spec
  try {
    const http = await openApi(machine, context.spec.apiServer.bindPort, context)
    if (!http) return `${name} has no admin.conf`
    try {
      const { status } = await http.send('GET', '/readyz', { timeoutMs: 3_000 })
      return status === 200 ? undefined : `the API server of ${name} answers ${status} to /readyz`
    } finally {
      http.close()
    }
  } catch (error) {
    if (isBug(error)) throw error
    const why = error instanceof UserError && error.why ? `: ${error.why}` : ''
    return `the API server of ${name} does not answer (${messageOf(error)}${why})`
  }
}

/**
 * Resolves when a control plane's own API server is ready, and with it its etcd member; throws when it is not in time,
 * and as soon as the watch knows that it will not be.
 */
export async function untilOwnApi(
  context: Context,
  machine: Machine,
  withinMs: number,
  watch: CrashWatch,
): Promise<void> {
  const deadline = context.now().getTime() + withinMs
  for (;;) {
    const missing = await ownApiMissing(context, machine)
    if (missing === undefined) return
    await watch()
    if (context.now().getTime() > deadline) throw new Error(`${missing}, for ${withinMs / 1000} s`)
    await context.sleep(250)
  }
}
