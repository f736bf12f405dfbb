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

/** Prints the changes of each step, with their diffs. */
export function printSteps(found: Pick<Printed, 'graph' | 'plan'>): void {
  for (const { line, diff } of changesIn(found))
    print(`${line}\n${diff ? `${indent(diff.trimEnd(), '    ')}\n` : ''}`)
}

/** The changes of each step, without their diffs; of more than a person reads the summary. */
export function changesInShort(found: Printed): string {
  const lines = changesIn(found).map(({ line }) => line)
  return lines.length > readLines
    ? summaryText(summaryOf(found.graph, found.plan, found.world)).trimEnd()
    : lines.join('\n')
}

/** What a person reads of it. */
const readLines = 60

/** A line for each change, with what is to be shown below it. */
function changesIn({ graph, plan }: Pick<Printed, 'graph' | 'plan'>): { line: string; diff?: string }[] {
  return open(graph, plan).flatMap(({ node: { step }, finding }) => {
    const line = (sign: string, words: string): string => `${sign} ${continued(`${step.target}: ${words}`)}`
    if (finding.kind === 'differs')
      return finding.changes.map((change) => ({
        line: line('~', changeLine(change)),
        ...(change.diff ? { diff: change.diff } : {}),
      }))
    if (finding.kind !== 'unknown') return []
    return [{ line: line('?', `${step.title}: known after apply (${finding.why})`) }]
  })
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
