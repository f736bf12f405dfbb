import { balancerLeftovers } from '../balancers/leftovers.js'
import { type Context, controlPlanes } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Step, stepKey } from '../engine/step.js'
import { groupBy } from '../lib/group-by.js'
import { parseReached, reachScript } from '../preflight/reach.js'
import { packages } from '../resources/packages.js'
import { waitFor } from '../resources/wait-for.js'
import {
  balancerHosts,
  balancerMachine,
  balancerPackages,
  balancerSettings,
  carries,
} from '../steps/balancer/balancer-settings.js'

/**
 * INPUTS: spec.loadBalancer, spec.endpoint, the control planes' addresses.
 * OUTPUTS: the load balancer of the API on its hosts, before an API server runs: kubelets ask at the endpoint from
 * their first moment. Separate hosts of a load balancer get nothing else, and wait for no other host.
 */
export const balancer: Phase<Context> = {
  id: 'balancer',
  title: 'API load balancer',
  about: 'Load balancer of the API: packages, configuration, units (loadBalancer).',
  steps: (context) => {
    const { balancer: kind, machines } = context
    if (!kind) return []
    const own = machines
      .filter(({ spec }) => carries(kind, spec))
      .flatMap((one) => machineSteps(context, one))
    return [...own, ...(kind.answersAlone ? awaited(context, own) : [])]
  },
}

/**
 * INPUTS: the cluster's objects, kubelets that ask where the inventory says.
 * OUTPUTS: a balancer that needed more at the cluster's birth has only what it needs; one that the inventory has
 * no more, or not there, is gone.
 */
export const balancerSettled: Phase<Context> = {
  id: 'balancer-settled',
  title: 'API load balancer, clean-up',
  about:
    'kube-vip drops the rights that only the first start needs; load balancers removed from the inventory are removed.',
  steps: (context) => {
    const { balancer: kind, machines } = context
    const settings = balancerSettings(context)
    return machines.flatMap((one) => {
      const here = kind !== undefined && carries(kind, one.spec)
      const nobodyAsks = ['*/@join', '*/@kubelet-start', `${clusterTarget}/@add-ons`]
      return [
        ...(here ? kind.settledSteps(balancerMachine(context, one), balancerHosts(context), settings) : []),
        balancerLeftovers(one.host, here ? machineSteps(context, one) : [], nobodyAsks),
      ]
    })
  },
}

function machineSteps(context: Context, machine: Machine): readonly Step[] {
  const { balancer: kind } = context
  if (!kind) return []
  const { host, os } = machine
  const names = balancerPackages(context, machine)
  // a node gets them with its others: by one installation, and one that is under way locks out the next
  const own =
    isNode(machine) || names.length === 0
      ? []
      : [packages(host, os, names, { id: 'balancer', title: 'load balancer packages' })]
  const [installed = `${host.name}/@packages`] = own.map(stepKey)
  const steps = kind.steps(
    balancerMachine(context, machine),
    balancerHosts(context),
    balancerSettings(context),
    installed,
  )
  return [...own, ...steps]
}

/**
 * The kubelet of a control plane asks at the endpoint when it starts, and is patient by powers of two when
 * nobody is there: it starts when the balancers do listen. Workers look when they join.
 */
function awaited(context: Context, balancers: readonly Step[]): Step[] {
  const { endpoint, endpointAddress = endpoint.host } = context.spec
  const where = `${endpointAddress}:${endpoint.port}`
  // one on each node is that node's alone: another's that does not come up keeps nobody waiting
  const byTarget = groupBy(balancers, ({ target }) => target)
  const asked = (name: string): readonly Step[] =>
    context.balancer?.runsOn === 'node' ? (byTarget.get(name) ?? []) : balancers
  return controlPlanes(context).map(({ host }) =>
    waitFor({
      id: 'balancer-listens',
      title: `load balancer at ${where}`,
      target: host.name,
      needs: [...new Set(asked(host.name).map(stepKey))],
      withinMs: 30_000,
      look: async () => {
        const answer = await host.read({
          what: `try ${where}`,
          logged: true,
          // at once or not yet: a virtual IP that nobody has is asked for in vain
          script: reachScript(1),
          args: [endpointAddress, String(endpoint.port)],
        })
        const [tried] = parseReached(answer.stdout.toString(), 1)
        // without a tool to try with the kubelet will find out
        return tried?.result === 'open' || tried?.result === 'unknown'
          ? undefined
          : `the load balancer answers at ${where} (${tried?.words || 'no answer'})`
      },
    }),
  )
}
