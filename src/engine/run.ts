import { isBug, UserError } from '../lib/errors.js'
import { errorFields } from './error-fields.js'
import type { Counts, Emit, StepRef, StepStatus } from './events.js'
import { Gates } from './gates.js'
import type { Graph, Node } from './graph.js'
import { NotYet } from './late.js'
import type { Finding, Plan } from './plan.js'
import { type Change, inWords, type Step } from './step.js'

/** The outside world a run needs: time, a place to tell what happens, a way to be told to stop. */
export interface RunOptions {
  emit: Emit
  /** Milliseconds since the run began. */
  now(): number
  sleep(ms: number): Promise<void>
  /** What to tell of a step that failed `ageMs` after the run began, instead of the bare error: asked once, must not throw. */
  explain?(step: Step, error: unknown, ageMs: number): Promise<unknown>
  /** When aborted no further step starts; those under way end. */
  signal?: AbortSignal
}

export interface RunResult {
  statuses: ReadonlyMap<string, StepStatus>
  errors: readonly { key: string; error: unknown }[]
  summary: Readonly<Record<string, Counts>>
}

interface Outcome {
  status: StepStatus
  /** Something here or before it was changed in this run: what came out of the plan may be stale. */
  stirred: boolean
}

/**
 * Applies a plan. A step starts as soon as what it waits for has succeeded; what the plan found
 * converged is believed unless something before it changed meanwhile, everything else is looked at
 * again right before and after its apply. A failed step ends what depends on it and nothing else; a bug, and what
 * ends the whole run (UserError.endsRun), lets no further step start and no wait go on.
 * Throws a bug once what was under way has ended.
 */
export async function runPlan(graph: Graph, plan: Plan, options: RunOptions): Promise<RunResult> {
  const outcomes = new Map<string, Promise<Outcome>>()
  const errors: { key: string; error: unknown }[] = []
  const gates = new Gates()
  const stop: Stop = { why: undefined }
  for (const node of graph.nodes) {
    outcomes.set(
      node.key,
      (async () => {
        const before = await Promise.all(node.after.map((key) => outcomes.get(key)))
        const started = options.now()
        const finish = (
          status: StepStatus,
          more: { changes?: readonly Change[]; error?: unknown; reason?: string } = {},
        ) => {
          options.emit({
            type: 'step-finished',
            at: options.now(),
            step: refOf(node),
            status,
            ms: Math.round(options.now() - started),
            ...(more.changes ? { changes: more.changes } : {}),
            ...(more.reason ? { reason: more.reason } : {}),
            ...(more.error === undefined ? {} : { error: errorFields(more.error) }),
          })
          return status
        }
        const broken = node.after.find(
          (_, i) => before[i]?.status === 'failed' || before[i]?.status === 'skipped',
        )
        if (broken !== undefined)
          return { status: finish('skipped', { reason: `${broken} did not succeed` }), stirred: false }
        const stopped = whyStopped(options, stop)
        if (stopped !== undefined) return { status: finish('skipped', { reason: stopped }), stirred: false }
        const stirred = before.some((outcome) => outcome?.stirred)
        try {
          const changes = await converge(node, plan.get(node.key), stirred, gates, options, stop)
          const moved = changes.length > 0
          const status = moved && !node.step.waits ? 'changed' : 'ok'
          finish(status, status === 'changed' ? { changes } : {})
          return { status, stirred: stirred || moved }
        } catch (bare) {
          if (isBug(bare)) stop.why ??= 'a bug in kubestrap ended the run'
          else if (bare instanceof UserError && bare.endsRun) stop.why ??= bare.message
          const error =
            options.explain && !isBug(bare) ? await options.explain(node.step, bare, options.now()) : bare
          errors.push({ key: node.key, error })
          return { status: finish('failed', { error }), stirred: true }
        }
      })(),
    )
  }
  const statuses = new Map<string, StepStatus>()
  for (const [key, outcome] of outcomes) statuses.set(key, (await outcome).status)
  const bug = errors.find(({ error }) => isBug(error))
  if (bug) throw bug.error
  return { statuses, errors, summary: summarise(graph, statuses) }
}

/** Why no further step starts, set by the step that found it. */
interface Stop {
  why: string | undefined
}

const whyStopped = ({ signal }: RunOptions, { why }: Stop): string | undefined =>
  signal?.aborted ? 'interrupted' : why

async function converge(
  node: Node,
  finding: Finding | undefined,
  stirred: boolean,
  gates: Gates,
  options: RunOptions,
  stop: Stop,
): Promise<readonly Change[]> {
  const { step } = node
  const ref = refOf(node)
  let changes: readonly Change[]
  if (!stirred && finding?.kind === 'converged') return []
  options.emit({ type: 'step-started', at: options.now(), step: ref })
  if (!stirred && finding?.kind === 'differs') changes = finding.changes
  else changes = step.diff(await step.probe())
  if (changes.length === 0) return []
  return gates.through(step.disrupts?.(changes), node.key, async () => {
    // it may have waited at the gate for long
    const stopped = whyStopped(options, stop)
    if (stopped !== undefined) throw new Error(`not started: ${stopped}`)
    await step.apply(changes, {
      progress: (text) => options.emit({ type: 'step-progress', at: options.now(), step: ref, text }),
    })
    await settle(node, options, stop)
    return changes
  })
}

const isFinal = (error: unknown): boolean => error instanceof UserError && (error.final || error.endsRun)

/**
 * Probes until the diff is empty or the step's patience is over; then says what is still different. A look that
 * failed is repeated, unless its error is final.
 */
async function settle({ step }: Node, options: RunOptions, stop: Stop): Promise<void> {
  const deadline = options.now() + (step.settle?.withinMs ?? 0)
  for (;;) {
    let left: string
    try {
      const changes = step.diff(await step.probe())
      if (changes.length === 0) return
      left = inWords(changes)
    } catch (error) {
      if (
        isBug(error) ||
        isFinal(error) ||
        !step.settle ||
        !(error instanceof NotYet || options.now() < deadline)
      )
        throw error
      left = error instanceof Error ? error.message : String(error)
    }
    const stopped = whyStopped(options, stop)
    if (stopped !== undefined && (step.waits || stop.why !== undefined))
      throw new Error(`no longer waited for (${stopped}): ${left}`)
    if (options.now() >= deadline) throw new StillDifferent(step.title, left, step.settle?.withinMs)
    await options.sleep(step.settle?.everyMs ?? 0)
  }
}

/** After its apply a step still found a difference. */
export class StillDifferent extends Error {
  constructor(title: string, left: string, waitedMs: number | undefined) {
    super(`${title}: applied, but ${waitedMs ? `after ${waitedMs / 1000} s ` : ''}not in effect: ${left}`)
    this.name = 'StillDifferent'
  }
}

/** How events name a step. */
export function refOf(node: Node): StepRef {
  return { key: node.key, target: node.step.target, phase: node.phase, title: node.step.title }
}

function summarise(graph: Graph, statuses: ReadonlyMap<string, StepStatus>): Record<string, Counts> {
  const summary: Record<string, Counts> = {}
  for (const { step, key } of graph.nodes) {
    const counts = summary[step.target] ?? { ok: 0, changed: 0, failed: 0, skipped: 0 }
    summary[step.target] = counts
    const status = statuses.get(key)
    if (status) counts[status] += 1
  }
  return summary
}
