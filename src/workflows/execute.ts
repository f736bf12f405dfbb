import { randomBytes } from 'node:crypto'
import type { Emit } from '../engine/events.js'
import { buildGraph, type Graph, type Node, restrict } from '../engine/graph.js'
import type { Workflow } from '../engine/phase.js'
import { makePlan, type Plan } from '../engine/plan.js'
import { type RunResult, refOf, runPlan } from '../engine/run.js'
import type { Context } from '../phases/context.js'
import { checks } from '../phases/preflight/checks.js'
import { readLiving } from '../phases/preflight/read-living.js'
import { runChecks, stopOn } from '../phases/preflight/run-checks.js'
import { refusals, refuse } from '../phases/preflight/unchangeable.js'

export interface ExecuteOptions {
  emit: Emit
  now(): number
  signal?: AbortSignal
  /** Preflight checks whose errors become warnings. */
  ignore: readonly string[]
  /** Which steps may be applied; all are looked at. Default all. */
  keep?: (node: Node, plan: Plan) => boolean
}

/** Looks at every step of a workflow, after preflight. Nothing is changed. */
export async function planWorkflow(
  workflow: Workflow<Context>,
  context: Context,
  options: ExecuteOptions,
): Promise<{ graph: Graph; plan: Plan }> {
  const findings = runChecks(context, checks, options.ignore)
  for (const finding of findings)
    if (finding.severity === 'warning' || finding.ignored)
      options.emit({
        type: 'message',
        at: options.now(),
        level: 'warning',
        host: finding.host,
        text: `[${finding.check}] ${finding.what}`,
      })
  stopOn(findings)
  const whole = buildGraph(workflow.phases, context)
  const [plan, living] = await Promise.all([makePlan(whole), readLiving(context)])
  if (living) refuse(context.spec, refusals(context.spec, living))
  const { keep } = options
  const graph = keep ? restrict(whole, (node) => keep(node, plan)) : whole
  const kinds = graph.nodes.map((node) => plan.get(node.key)?.kind)
  const count = (...of: string[]): number =>
    kinds.filter((kind) => kind !== undefined && of.includes(kind)).length
  options.emit({
    type: 'planned',
    at: options.now(),
    changes: count('differs', 'failed'),
    unknown: count('unknown'),
    converged: count('converged'),
  })
  return { graph, plan }
}

/** Plans, then applies what differs. */
export async function runWorkflow(
  workflow: Workflow<Context>,
  context: Context,
  options: ExecuteOptions,
): Promise<RunResult> {
  const { graph, plan } = await planWorkflow(workflow, context, options)
  for (const { key, step } of graph.nodes) {
    const finding = plan.get(key)
    if (step.guards && finding?.kind === 'failed') throw finding.error
  }
  options.emit({
    type: 'run-started',
    at: options.now(),
    workflow: workflow.id,
    phases: graph.phases,
    steps: graph.nodes.map(refOf),
  })
  if (graph.nodes.some((node) => plan.get(node.key)?.kind !== 'converged')) {
    // also on hosts that will not change: a predecessor may still be at work there
    const epoch = randomBytes(8).toString('hex')
    await Promise.all(context.machines.map(({ host }) => host.takeOver(epoch)))
  }
  return runPlan(graph, plan, { ...options, sleep: context.sleep })
}
