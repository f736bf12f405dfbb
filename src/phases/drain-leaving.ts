import { type Context, controlPlanes } from '../cluster/context.js'
import { isNode } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { hostsWithRole } from '../inventory/select.js'
import type { RolloutSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { drainSteps } from '../steps/rollout/drain-steps.js'
import { beforeLeaving } from '../steps/rollout/drain-words.js'

export interface DrainLeaving {
  /** Names of the hosts that leave. */
  hosts: readonly string[]
  /** They will not come back: nothing runs there that could be moved. */
  gone: boolean
  /** Undefined: what runs on them ends with them. */
  drain: RolloutSpec['drain'] | undefined
}

const unasked =
  'make a control plane node answer (kubestrap status), or remove the host with its Pods: --no-drain'

/**
 * INPUTS: hosts that leave, of a cluster of which a control plane node stays.
 * OUTPUTS: their Pods run elsewhere. The cordon is one of kubestrap's: where the host stays after all, `up` takes it back.
 */
export const drainLeaving = (options: DrainLeaving): Phase<Context> => ({
  id: 'drain',
  title: 'Drain',
  about: 'Cordons the nodes that leave, and evicts their Pods.',
  steps: (context) => {
    const { drain } = options
    const names = drainedNames(context, options)
    if (drain === undefined || names.length === 0) return []
    refuseUnreached(context, options, names)
    return drainSteps(context, names, {
      drain,
      by: 'kubestrap',
      together: names,
      mustExist: false,
      words: beforeLeaving,
      unasked,
    })
  },
})

/** Which of the hosts that leave are drained: nodes, and only where the cluster goes on without them. */
export function drainedNames({ spec, machines }: Context, { hosts, gone, drain }: DrainLeaving): string[] {
  const named = new Set(hosts)
  const stays = spec.hosts.some(({ name, roles }) => roles.includes('control-plane') && !named.has(name))
  if (gone || drain === undefined || !stays) return []
  const nodes = new Set(
    machines
      .filter((machine) => machine.facts.kubernetes && isNode(machine))
      .map(({ spec: { name } }) => name),
  )
  return hosts.filter((name) => nodes.has(name))
}

/** Without a control plane node that is reached there is nobody to ask. What leaves etcd too is refused for that, with better words. */
function refuseUnreached(context: Context, { hosts }: DrainLeaving, names: readonly string[]): void {
  if (controlPlanes(context).some(({ spec }) => !hosts.includes(spec.name))) return
  const planes = hostsWithRole(context.spec, 'control-plane')
  if (planes.some(({ name }) => hosts.includes(name))) return
  throw new UserError(
    'connection',
    `${names.join(', ')} cannot be drained: no control plane node is reached`,
    {
      why: `cannot reach ${planes.map(({ name }) => name).join(', ')}`,
      next: unasked,
    },
  )
}
