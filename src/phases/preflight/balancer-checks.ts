import { balancerHosts, balancerMachine, carries } from '../balancer-settings.js'
import type { Context } from '../context.js'
import { type Check, onEach, type Problem } from './check.js'

/** What the API's load balancer needs, and what it does not give as it is told. */
export const balancerChecks: readonly Check[] = [
  {
    name: 'VirtualIP',
    about: 'The interface that is to carry the virtual IP is there.',
    run: onEach((machine, context) => {
      const { balancer, spec } = context
      if (!balancer || spec.loadBalancer?.virtualIp === undefined || !carries(balancer, machine.spec))
        return undefined
      const { interface: name } = balancerMachine(context, machine)
      const there = machine.facts.interfaces.map((one) => one.name)
      return there.includes(name)
        ? undefined
        : {
            severity: 'error',
            what:
              name === '' ? 'no interface for the virtual IP is known' : `it has no interface called ${name}`,
            next: `loadBalancer: { interface: one of ${there.filter((one) => one !== 'lo').join(', ')} }`,
          }
    }),
  },
  {
    name: 'BalancerRedundancy',
    about: "The loss of one balancer is not the API's: there are two or more, with a virtual IP.",
    run: redundancy,
  },
]

function redundancy(context: Context): Problem[] {
  const { balancer, spec } = context
  const [first, ...others] = balancerHosts(context)
  if (balancer?.runsOn !== 'load-balancer' || !first) return []
  const told = (what: string, next: string): Problem[] => [
    { host: first.name, severity: 'warning', what, next },
  ]
  if (spec.loadBalancer?.virtualIp !== undefined)
    return others.length > 0
      ? []
      : told(
          'it is the only load balancer: the virtual IP has nowhere to go when it is lost',
          'give another host the role load-balancer',
        )
  return others.length > 0
    ? told(
        `nodes reach the API by it alone; ${others.map(({ name }) => name).join(', ')} would take over nothing`,
        'write loadBalancer.virtualIP, an address that moves between them; or type: node-local',
      )
    : []
}
