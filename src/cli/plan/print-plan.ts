import { errorFields } from '../../engine/error-fields.js'
import type { Graph, Node } from '../../engine/graph.js'
import type { Finding, Plan } from '../../engine/plan.js'
import { type PlanSummary, summaryOf, type World } from '../../engine/summary.js'
import { UserError } from '../../lib/errors.js'
import { changeLine, continued, indent } from '../../ui/format.js'
import { changesText, interruptionsText } from '../../ui/plan-summary.js'
import { print, printJson } from '../../ui/screen.js'

/** What a plan is printed from. */
export interface Printed {
  graph: Graph
  plan: Plan
  world: World
}

/**
 * Prints what a plan found: changes with their diffs, what is known only after apply, and a summary; as JSON one step a
 * line and the summary last. Of the birth of a cluster only the summary, unless `full`.
 * Throws UserError('step') that names every step that could not be looked at.
 */
export function printPlan(found: Printed, how: { json: boolean; full?: boolean }): void {
  const summary = summaryOf(found.graph, found.plan, found.world)
  if (how.json) printAsJson(found, summary)
  else {
    const short = summary.birth && how.full !== true
    if (!short) printSteps(found)
    const text = summaryText(summary)
    if (text !== '')
      print(`${short ? '' : '\n'}${text}${short ? '\nkubestrap plan --full shows each change.\n' : '\n'}`)
  }
  refuseFailed(found)
}

/** Changes and interruptions; '' where there are none. */
export function summaryText(summary: PlanSummary): string {
  return [changesText(summary), interruptionsText(summary)].filter((text) => text !== '').join('\n')
}

/** Prints the changes of each step. */
export function printSteps({ graph, plan }: Pick<Printed, 'graph' | 'plan'>): void {
  for (const { node, finding } of open(graph, plan)) {
    const { target, title } = node.step
    if (finding.kind === 'differs')
      for (const change of finding.changes)
        print(
          `~ ${continued(`${target}: ${changeLine(change)}`)}\n${change.diff ? `${indent(change.diff.trimEnd(), '    ')}\n` : ''}`,
        )
    else if (finding.kind === 'unknown')
      print(`? ${continued(`${target}: ${title}: known after apply (${finding.why})`)}\n`)
  }
}

/** docs/plan.md has every field. */
function printAsJson({ graph, plan }: Printed, sums: PlanSummary): void {
  for (const { node, finding } of open(graph, plan))
    printJson({ type: 'planned-step', key: node.key, title: node.step.title, ...shown(finding) })
  printJson({ type: 'plan-summary', ...sums })
}

/** A finding without what was observed, which may hold what a diff does not show. */
function shown(finding: Finding): object {
  switch (finding.kind) {
    case 'differs':
      return { kind: finding.kind, changes: finding.changes }
    case 'failed':
      return { kind: finding.kind, error: errorFields(finding.error) }
    default:
      return finding
  }
}

/** Throws UserError('step') that names every step that could not be looked at. */
export function refuseFailed({ graph, plan }: Pick<Printed, 'graph' | 'plan'>): void {
  const failed = open(graph, plan).flatMap(({ node, finding }) => {
    if (finding.kind !== 'failed') return []
    const { message, why } = errorFields(finding.error)
    return [`${node.key}: ${message}${why ? `\n  ${why}` : ''}`]
  })
  if (failed.length > 0)
    throw new UserError('step', `${failed.length} steps could not be checked`, {
      why: failed.join('\n'),
      next: 'nothing was changed',
    })
}

/** What is not converged, in the graph's order. */
function open(graph: Graph, plan: Plan): { node: Node; finding: Finding }[] {
  return graph.nodes.flatMap((node) => {
    const finding = plan.get(node.key)
    return finding === undefined || finding.kind === 'converged' ? [] : [{ node, finding }]
  })
}
