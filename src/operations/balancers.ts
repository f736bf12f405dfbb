import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { messageOf } from '../lib/errors.js'
import { balancerMachine, carries } from '../steps/balancer/balancer-settings.js'

export interface BalancerRow {
  host: string
  /** Names of the API servers it sends clients to, and of those it does not. */
  up: readonly string[]
  down: readonly string[]
  /** Whether the virtual IP is on it; undefined: there is none. */
  virtualIp: boolean | undefined
  /** Why servers are down, or why it does not answer. */
  detail: string
}

/** What each load balancer of ours thinks of the API servers. Never throws for one that is down. */
export function balancerRows(context: Context): Promise<BalancerRow[]> {
  const { balancer, machines } = context
  return Promise.all(
    machines
      .filter(({ spec }) => balancer && carries(balancer, spec))
      .map(async (machine): Promise<BalancerRow> => {
        const [asked, virtualIp] = await Promise.all([ask(context, machine), holds(context, machine)])
        return { host: machine.spec.name, virtualIp, ...asked }
      }),
  )
}

async function ask(context: Context, machine: Machine): Promise<Pick<BalancerRow, 'up' | 'down' | 'detail'>> {
  try {
    const states = (await context.balancer?.backends?.(balancerMachine(context, machine))) ?? []
    const down = states.filter(({ up }) => !up)
    return {
      up: states.filter(({ up }) => up).map(({ name }) => name),
      down: down.map(({ name }) => name),
      detail: down.map(({ name, words }) => `${name}: ${words}`).join('; '),
    }
  } catch (error) {
    return { up: [], down: [], detail: messageOf(error) }
  }
}

async function holds({ spec }: Context, { host }: Machine): Promise<boolean | undefined> {
  const address = spec.loadBalancer?.virtualIp
  if (address === undefined) return undefined
  const answer = await host.read({ script: 'ip -o addr show to "$1"', args: [address], logged: true })
  return answer.stdout.toString().trim() !== ''
}
