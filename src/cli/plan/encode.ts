import { createHmac } from 'node:crypto'
import type { Graph, Node } from '../../engine/graph.js'
import type { Finding, Plan } from '../../engine/plan.js'
import type { Change } from '../../engine/step.js'
import { redact } from '../../lib/secret.js'
import type { PlanFile, PlannedStep } from './plan-file.js'

/** What a plan is of, beside its steps. */
export type PlanOf = Omit<PlanFile, 'format' | 'steps'>

/** A plan that was looked at everywhere, as a file has it. Pure. */
export function encodePlan({ graph, plan }: { graph: Graph; plan: Plan }, of: PlanOf): PlanFile {
  return { format: 1, ...of, steps: plannedSteps(graph, plan, of.salt) }
}

/**
 * The steps of a plan that are to be applied or not known yet, in the graph's order. What only waits for others is left
 * out: it changes nothing.
 */
export function plannedSteps(graph: Graph, plan: Plan, salt: string): PlannedStep[] {
  return graph.nodes.flatMap((node) => {
    const finding = plan.get(node.key)
    return finding === undefined || node.step.waits ? [] : plannedStep(node, finding, salt)
  })
}

function plannedStep(node: Node, finding: Finding, salt: string): PlannedStep[] {
  const { key, phase, step } = node
  const place = { key, host: step.target, phase, title: step.title }
  if (finding.kind === 'unknown') return [{ ...place, kind: 'unknown', why: redact(finding.why) }]
  if (finding.kind !== 'differs') return []
  const { changes, observed } = finding
  const digest = createHmac('sha256', salt)
    .update(JSON.stringify([changes.map(contentOf), step.unshown?.(observed) ?? '']))
    .digest('hex')
  return [{ ...place, kind: 'differs', changes: changes.map(masked), digest }]
}

/** All that a change says, in a fixed order. */
const contentOf = ({ kind, subjects = [], summary, diff = '', effects = [] }: Change): unknown => [
  kind,
  subjects,
  summary,
  diff,
  effects,
]

/** A change without secrets, as it is shown. */
function masked({
  kind,
  subjects,
  summary,
  diff,
  effects,
}: Change): (PlannedStep & { kind: 'differs' })['changes'][number] {
  return {
    kind,
    ...(subjects ? { subjects: subjects.map(redact) } : {}),
    summary: redact(summary),
    ...(diff === undefined ? {} : { diff: redact(diff) }),
    ...(effects
      ? {
          effects: effects.map((one) =>
            'text' in one ? { ...one, text: redact(one.text) } : { ...one, name: redact(one.name) },
          ),
        }
      : {}),
  }
}
