import { type Context, networkSettings, nodes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { canonicalAddress } from '../lib/cidr.js'
import { UserError } from '../lib/errors.js'

/** A node that another one reaches by way of a router, and that router's address. */
export interface Routed {
  to: string
  via: string
}

/** Prints the kernel's way to each address, "ADDRESS via ROUTER dev …" where it is by way of one; one program for all of them. */
const script = `printf 'route get %s\\n' "$@" | ip -force -batch - 2>/dev/null; exit 0`

/**
 * Which of the other nodes each node reaches by way of a router only; asked where the pod network needs all of them on one
 * link. By host name; 'unknown': no answer. One round trip.
 */
export async function lookAtLinks(
  context: Context,
  wanted: (machine: Machine) => boolean,
): Promise<ReadonlyMap<string, readonly Routed[] | 'unknown'>> {
  if (!context.network.oneLink(networkSettings(context))) return new Map()
  const all = nodes(context)
  const asked = all.filter((machine) => wanted(machine) && all.length > 1)
  return new Map(
    await Promise.all(
      asked.map(async (machine) => {
        const others = all.filter((other) => other !== machine).map(({ spec }) => spec)
        return [machine.spec.name, await routedFrom(machine, others)] as const
      }),
    ),
  )
}

async function routedFrom(
  { host }: Machine,
  others: readonly { name: string; address: string }[],
): Promise<readonly Routed[] | 'unknown'> {
  try {
    const answer = await host.read({
      what: 'look for routers between the nodes',
      script,
      args: others.map(({ address }) => address),
      timeoutMs: 10_000,
    })
    const routers = new Map(
      answer.stdout
        .toString()
        .split('\n')
        .flatMap((line): [string, string][] => {
          const [, to = '', via = ''] = /^([0-9a-f.:]+) (?:.* )?via ([0-9a-f.:]+) /.exec(line) ?? []
          return to === '' ? [] : [[to, via]]
        }),
    )
    return others.flatMap(({ name, address }): Routed[] => {
      const via = routers.get(canonicalAddress(address))
      return via === undefined ? [] : [{ to: name, via }]
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return 'unknown'
  }
}
