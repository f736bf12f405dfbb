import type { Context } from '../cluster/context.js'
import { balancerHosts, balancerMachine, carries } from '../steps/balancer/balancer-settings.js'
import { type Check, onEach, type Problem } from './check.js'

/** What the API's load balancer needs, and what it does not give as it is told. */
export const balancerChecks: readonly Check[] = [
  {
    name: 'VirtualIP',
    about: 'The interface for the virtual IP exists.',
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
            what: name === '' ? 'the interface for the virtual IP is unknown' : `interface ${name} not found`,
            next: `loadBalancer: { interface: one of ${there.filter((one) => one !== 'lo').join(', ')} }`,
          }
    }),
  },
  {
    name: 'BalancerRedundancy',
    about: 'The API survives the loss of a load balancer: there are two or more, with a virtual IP.',
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
          'this is the only load balancer: if it fails, no other host can take over the virtual IP',
          'give a second host the role load-balancer',
        )
  return others.length > 0
    ? told(
        `nodes reach the API through this load balancer alone; ${others.map(({ name }) => name).join(', ')} cannot take over`,
        'set loadBalancer.virtualIP to an address that moves between the load balancers; or use type: node-local',
      )
    : []
}
