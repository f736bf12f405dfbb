import { errorFields } from '../engine/error-fields.js'
import { failedLooks } from '../engine/plan.js'
import type { Change } from '../engine/step.js'
import { exitCodes, NoAnswer } from '../lib/errors.js'
import { changeLine, continued } from '../ui/format.js'
import type { Planned } from '../workflows/execute.js'

/** How far a cluster is from its inventory, as `status --drift -o json` prints it; docs/plan.md has every field. */
export interface DriftReport {
  /** Every step of every host was looked at, and none would change anything. */
  converged: boolean
  /** Steps that `up` would apply. */
  steps: readonly DriftStep[]
  /** What could not be looked at: hosts, and steps on hosts. */
  notChecked: readonly { host: string; step: string | null; message: string }[]
}

export interface DriftStep {
  key: string
  host: string
  title: string
  /** Absent where they are known after apply of earlier steps only. */
  changes?: readonly Change[]
}

/**
 * The drift that a plan shows. Pure.
 * @param away hosts that were not reached, with the reason
 */
export function driftReport(
  { graph, plan }: Pick<Planned, 'graph' | 'plan'>,
  away: readonly { spec: { name: string }; error: unknown }[],
): DriftReport {
  const steps = graph.nodes.flatMap(({ key, step }): DriftStep[] => {
    const finding = plan.get(key)
    const place = { key, host: step.target, title: step.title }
    if (finding?.kind === 'differs') return [{ ...place, changes: finding.changes }]
    return finding?.kind === 'unknown' ? [place] : []
  })
  const failed = failedLooks(graph, plan).map(({ node: { step }, error }) => ({
    host: step.target,
    step: step.title,
    message: errorFields(error).message,
  }))
  const notChecked = [
    ...away.map(({ spec, error }) => ({
      host: spec.name,
      step: null,
      message: errorFields(error).message,
    })),
    ...failed,
  ]
  return { converged: steps.length + notChecked.length === 0, steps, notChecked }
}

/**
 * 0: no drift; 10: some; 5: a host gave no answer, whatever the others show; 6: a step could not be checked. What was not
 * looked at is never taken for converged.
 */
export function driftCode(
  { graph, plan }: Pick<Planned, 'graph' | 'plan'>,
  away: readonly { error: unknown }[],
): number {
  const failed = failedLooks(graph, plan)
  if (away.length > 0 || failed.some(({ error }) => error instanceof NoAnswer)) return exitCodes.connection
  if (failed.length > 0) return exitCodes.step
  const kinds = graph.nodes.map(({ key }) => plan.get(key)?.kind)
  return kinds.some((kind) => kind === 'differs' || kind === 'unknown')
    ? exitCodes.planHasChanges
    : exitCodes.ok
}

/** For people and mails of cron: a line a difference; '' where there is none. */
export function driftText({ steps, notChecked }: DriftReport): string {
  const lines = [
    ...notChecked.map(
      ({ host, step, message }) => `${host}: could not check ${step ?? 'the host'}: ${message}`,
    ),
    ...steps.flatMap(({ host, title, changes }) =>
      changes
        ? changes.map((change) => `${host}: ${changeLine(change)}`)
        : [`${host}: ${title}: known after apply`],
    ),
  ]
  return lines.map((line) => `${continued(line)}\n`).join('')
}
