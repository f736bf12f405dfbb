import type { Host } from '../../../host/host.js'
import type { NetworkChains } from './chains.js'
import type { Subnets } from './ipvs.js'
import { deleteScript, lookScript, type Netfilter, readNetfilter } from './look.js'

/** Others change rules too: what was seen may be gone when it is to be deleted, and is looked at again. */
const attempts = 4

/** What a host has to delete, as `readNetfilter` tells it. Throws where the rules cannot be read. */
export async function lookAtNetfilter(
  host: Host,
  network: NetworkChains,
  subnets?: Subnets,
): Promise<Netfilter> {
  const answer = await host.read({ what: 'read netfilter rules', script: lookScript, timeoutMs: 60_000 })
  if (answer.code !== 0) throw new Error(`cannot read netfilter rules: ${answer.stderr}`)
  return readNetfilter(answer.stdout.toString(), network, subnets)
}

/** Deletes what a look finds, and returns what was found last. */
export async function deleteNetfilter(host: Host, look: () => Promise<Netfilter>): Promise<Netfilter> {
  let found = await look()
  for (let i = 1; ; i += 1) {
    try {
      for (const { program, text } of found.removals)
        await host.mutate({
          what: `delete netfilter chains (${program})`,
          script: deleteScript,
          args: [program],
          stdin: text,
          timeoutMs: 60_000,
        })
      return found
    } catch (error) {
      const now = await look()
      if (i === attempts || JSON.stringify(now.removals) === JSON.stringify(found.removals)) throw error
      found = now
    }
  }
}
