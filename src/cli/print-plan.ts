import { errorFields } from '../engine/error-fields.js'
import type { Graph } from '../engine/graph.js'
import type { Plan } from '../engine/plan.js'
import { UserError } from '../lib/errors.js'
import { changeLine, continued, indent } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'

/**
 * Prints what a plan found: changes with their diffs, and what is known only after apply; as JSON one
 * step a line. Throws UserError('step') that names every step that could not be looked at.
 */
export function printPlan(graph: Graph, plan: Plan, { json }: { json: boolean }): void {
  const failed: string[] = []
  for (const node of graph.nodes) {
    const finding = plan.get(node.key)
    if (!finding || finding.kind === 'converged') continue
    if (json) {
      const error = finding.kind === 'failed' ? { error: errorFields(finding.error) } : {}
      printJson({ type: 'planned-step', key: node.key, title: node.step.title, ...finding, ...error })
    } else if (finding.kind === 'differs')
      for (const change of finding.changes)
        print(
          `~ ${continued(`${node.step.target}: ${changeLine(change)}`)}\n${change.diff ? `${indent(change.diff.trimEnd(), '    ')}\n` : ''}`,
        )
    else if (finding.kind === 'unknown')
      print(`? ${continued(`${node.step.target}: ${node.step.title}: known after apply (${finding.why})`)}\n`)
    if (finding.kind === 'failed') {
      const { message, why } = errorFields(finding.error)
      failed.push(`${node.key}: ${message}${why ? `\n  ${why}` : ''}`)
    }
  }
  if (failed.length > 0)
    throw new UserError('step', `${failed.length} steps could not be checked`, {
      why: failed.join('\n'),
      next: 'nothing was changed',
    })
}
