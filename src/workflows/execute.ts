import { randomBytes } from 'node:crypto'
import { explainer } from '../diagnose/explain.js'
import type { Emit } from '../engine/events.js'
import { buildGraph, type Graph, type Node, restrict } from '../engine/graph.js'
import type { Workflow } from '../engine/phase.js'
import { makePlan, type Plan } from '../engine/plan.js'
import { type RunResult, refOf, runPlan } from '../engine/run.js'
import type { Context } from '../phases/context.js'
import { checks } from '../phases/preflight/checks.js'
import { lookCloser } from '../phases/preflight/closer.js'
import { readLiving } from '../phases/preflight/read-living.js'
import { runChecks, stopOn } from '../phases/preflight/run-checks.js'
import { refusals, refuse, strangers } from '../phases/preflight/unchangeable.js'

export interface ExecuteOptions {
  emit: Emit
  now(): number
  signal?: AbortSignal
  /** Preflight checks whose errors become warnings. */
  ignore: readonly string[]
  /** False for a workflow that takes machines and cluster as they are: no checks, nothing refused. */
  preflight?: boolean
  /** Which steps may be applied; all are looked at. Default all. */
  keep?: (node: Node, plan: Plan) => boolean
}

/** Looks at every step of a workflow, after preflight, and for nodes the inventory does not have (a sentence each). Nothing is changed. */
export async function planWorkflow(
  workflow: Workflow<Context>,
  context: Context,
  options: ExecuteOptions,
): Promise<{ graph: Graph; plan: Plan; strangers: readonly string[] }> {
  const preflight = options.preflight ?? true
  if (preflight) await check(context, options)
  const whole = buildGraph(workflow.phases, context)
  const [plan, living] = await Promise.all([makePlan(whole), preflight ? readLiving(context) : undefined])
  if (living) refuse(context.spec, refusals(context.spec, living))
  const found = living ? strangers(context.spec, living) : []
  for (const text of found) warn(options, text)
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
  return { graph, plan, strangers: found }
}

async function check(context: Context, options: ExecuteOptions): Promise<void> {
  const findings = runChecks(context, await lookCloser(context, false), checks, options.ignore)
  for (const finding of findings)
    if (finding.severity === 'warning' || finding.ignored)
      warn(options, `[${finding.check}] ${finding.what} → ${finding.next}`, finding.host)
  stopOn(findings)
}

function warn({ emit, now }: ExecuteOptions, text: string, host?: string): void {
  emit({ type: 'message', at: now(), level: 'warning', text, ...(host ? { host } : {}) })
}

/** Applies what a plan found different. */
export async function applyPlan(
  workflow: Workflow<Context>,
  context: Context,
  { graph, plan }: { graph: Graph; plan: Plan },
  options: ExecuteOptions,
): Promise<RunResult> {
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
  const explain = explainer({
    ...(options.signal ? { signal: options.signal } : {}),
    onTrouble: (step, why) => warn(options, `could not look for the cause: ${why}`, step.target),
  })
  return runPlan(graph, plan, { ...options, explain, sleep: context.sleep })
}
