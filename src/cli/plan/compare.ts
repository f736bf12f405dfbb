import type { Graph } from '../../engine/graph.js'
import type { Plan } from '../../engine/plan.js'
import { UserError } from '../../lib/errors.js'
import { plannedSteps } from './encode.js'
import type { PlanFile } from './plan-file.js'

/** What a plan must be of, to be applied now. */
export interface Now {
  kubestrap: string
  inventory: { sha256: string }
}

/** So many steps are named one by one. */
const named = 20

const again = 'make a new plan (kubestrap plan --out FILE), read it, and apply that one'

/** Throws UserError('preflight') for a plan of another version of kubestrap or another inventory. Pure. */
export function refuseForeign(file: string, plan: PlanFile, now: Now): void {
  if (plan.kubestrap !== now.kubestrap)
    throw refusal(file, `kubestrap ${plan.kubestrap} made it, and this is kubestrap ${now.kubestrap}`)
  if (plan.inventory.sha256 !== now.inventory.sha256)
    throw refusal(
      file,
      `the inventory has changed since, or is another: it was made of ${plan.inventory.file}, SHA-256 ${plan.inventory.sha256}, and this is SHA-256 ${now.inventory.sha256}`,
    )
}

/**
 * Holds a plan against what is found now. Pure.
 * @param ca fingerprints of the cluster's CA now; undefined: there is no cluster
 * Throws UserError('preflight') that names every step that appeared, is gone or differs.
 */
export function refuseChanged(
  file: string,
  planned: PlanFile,
  { graph, plan }: { graph: Graph; plan: Plan },
  ca: readonly string[] | undefined,
): void {
  if (JSON.stringify(planned.cluster?.ca ?? null) !== JSON.stringify(ca ?? null))
    throw refusal(
      file,
      `the cluster is another: its CA was ${planned.cluster?.ca.join(', ') ?? 'not created yet'}, and is ${ca?.join(', ') ?? 'not created yet'}`,
    )
  const before = new Map(planned.steps.map((step) => [step.key, step]))
  const now = new Map(plannedSteps(graph, plan, planned.salt).map((step) => [step.key, step]))
  const failed = graph.nodes.filter(({ key }) => plan.get(key)?.kind === 'failed')
  const lines = [
    ...failed.map(({ step }) => `${step.target}: ${step.title}: could not be checked now`),
    ...[...now.values()].flatMap((step) => {
      const known = before.get(step.key)
      const { host, title } = step
      if (known === undefined) return [`${host}: ${title}: not in the plan, and would be changed now`]
      if (known.kind !== step.kind)
        return [
          `${host}: ${title}: ${step.kind === 'differs' ? 'was known after apply only, and is known now' : 'was to be changed, and is known after apply only now'}`,
        ]
      return known.kind === 'differs' && step.kind === 'differs' && known.digest !== step.digest
        ? [`${host}: ${title}: other changes than in the plan`]
        : []
    }),
    ...[...before.values()].flatMap(({ key, host, title }) =>
      now.has(key) || failed.some((node) => node.key === key)
        ? []
        : [`${host}: ${title}: in the plan, and nothing is to be changed any more`],
    ),
  ]
  if (lines.length === 0) return
  const more = lines.length > named ? [`and ${lines.length - named} more`] : []
  throw refusal(file, [...lines.slice(0, named), ...more].join('\n'))
}

const refusal = (file: string, why: string): UserError =>
  new UserError('preflight', `${file} is not what would be done now`, {
    why,
    next: `nothing was changed; ${again}`,
  })
