import type { ClusterSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { awayOption, withoutHosts } from './away.js'
import { changeOptions } from './change-options.js'
import { type Command, list, text } from './command.js'
import { type ConvergeOptions, converge } from './converge.js'
import { serverFromHere } from './endpoint-hint.js'
import { hopsOption, upByHops } from './hops.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { nextSteps } from './next-steps.js'
import { byPlan } from './plan/by-plan.js'
import { confirmInterruptions } from './plan/confirm.js'
import { readPlan } from './plan/store.js'
import { limitOption, limitsOf } from './selection.js'
import { verifyOption, verifyThen } from './verify.js'
import { version } from './version.js'

export const upCommand: Command = {
  name: 'up',
  about: 'Create or update the cluster to match the inventory, and verify it.',
  example: 'kubestrap up -i inventories/lab.yaml',
  options: {
    ...changeOptions,
    ...limitOption,
    ...awayOption,
    ...verifyOption,
    ...hopsOption,
    plan: {
      type: 'string',
      describe: 'make exactly the changes of this file, which kubestrap plan --out wrote, or none',
      requiresArg: true,
    },
  },
  run: async (values) => {
    const written = await inventoryOf(values)
    let server: string | undefined
    const once = async (spec: ClusterSpec): Promise<number> =>
      converge(spec, values, {
        ...(await changesOf(spec, values)),
        afterwards: async (context, reporting, changed) => {
          const code = await verifyThen(values)(context, reporting, changed)
          if (reporting.human) server = await serverFromHere(context.spec)
          return code
        },
        // of the hops the last has the last word
        ...(spec.version === written.version ? { closing: () => closing(values, server) } : {}),
      })
    return values.hops === true ? upByHops(written, values, once) : once(written)
  },
}

/** @param server how the API is reached from here, where the endpoint is not */
function closing(values: Record<string, unknown>, server: string | undefined): string {
  const same = sameInventory(values)
  const way = server === undefined ? '' : ` --server ${server}`
  return nextSteps([
    [`kubestrap kubeconfig${same} --merge${way}`, 'merge the administrator into your kubeconfig'],
    [`kubestrap status${same}`, 'show nodes, leaders, etcd, certificates, drift'],
    [`kubestrap verify${same}`, 'verify the cluster again'],
  ])
}

/** Which changes may be made: those of a plan that was read, or what is found, after a question. */
async function changesOf(spec: ClusterSpec, values: Record<string, unknown>): Promise<ConvergeOptions> {
  const file = text(values, 'plan')
  if (file === '') {
    const limits = limitsOf(spec, values)
    return {
      ...limits,
      ...withoutHosts(spec, values, limits.chosen),
      confirm: confirmInterruptions(values),
    }
  }
  if (list(values, 'limit').length > 0)
    throw new UserError('usage', '--plan and --limit exclude each other', {
      next: `omit --limit: ${file} has the hosts that it is limited to`,
    })
  const plan = await readPlan(file)
  const chosen = plan.limit ? new Set(plan.limit) : undefined
  return { ...byPlan(spec, file, plan, version()), ...withoutHosts(spec, values, chosen) }
}
