import { isBug, messageOf, UserError } from '../lib/errors.js'
import { errorFields } from './error-fields.js'
import type { Counts, Emit, StepRef, StepStatus } from './events.js'
import { Blocked, Gates, type Pass, type Rollout } from './gates.js'
import type { Graph, Node } from './graph.js'
import { type Before, overJoints } from './joints.js'
import { NotYet } from './late.js'
import { type Outcome, type Passed, passedBy, together } from './outcome.js'
import { placesOf } from './places.js'
import { differencesIn, type Finding, type Plan } from './plan.js'
import { type ApplyContext, type Change, type Disruption, inWords, type Step } from './step.js'
import { placeTransactions } from './transaction.js'
import { TransactionRun } from './transaction-run.js'

/** The outside world a run needs: time, a place to tell what happens, a way to be told to stop. */
export interface RunOptions {
  emit: Emit
  /** Milliseconds since the run began. */
  now(): number
  sleep(ms: number): Promise<void>
  /**
   * What to tell of a step that failed, instead of the bare error: asked once, must not throw.
   * @param ageMs since when words count: one that waits may wait for anything that this run began; of one that does
   *   something what was said before it began is of something else, as of a unit that failed and is now started anew
   */
  explain?(step: Step, error: unknown, ageMs: number): Promise<unknown>
  /** When aborted no further step starts; those under way end, and what was entered is left. */
  signal?: AbortSignal
  /** Why no further step may start; asked before each. */
  ended?(): string | undefined
  /** How many may be interrupted at once. */
  rollout?: Rollout
  permits?: Permits | undefined
}

/** Why changes of a step that are found in the run may not be made; undefined when they may. */
export type Permits = (node: Node, changes: readonly Change[]) => UserError | undefined

export interface RunResult {
  statuses: ReadonlyMap<string, StepStatus>
  errors: readonly { key: string; error: unknown }[]
  summary: Readonly<Record<string, Counts>>
}

/**
 * Applies a plan. A step starts as soon as what it waits for has succeeded; what the plan found
 * converged is believed unless something before it changed meanwhile, everything else is looked at
 * again right before and after its apply. A failed step ends what depends on it, blocks what would take the same away
 * from the cluster, and nothing else; a bug, and what ends the whole run (UserError.endsRun), lets no further step start
 * and no wait go on. A transaction that was entered is left whatever happened inside.
 * Throws a bug once what was under way has ended.
 */
export async function runPlan(graph: Graph, plan: Plan, options: RunOptions): Promise<RunResult> {
  const outcomes = new Map<string, Promise<Outcome>>()
  const passed = overJoints<Promise<Passed>>(
    async (key) => passedBy(key, await outcomes.get(key)),
    async (of) => together(await Promise.all(of)),
  )
  const ended = async (of: readonly Before[]): Promise<Passed> => together(await Promise.all(of.map(passed)))
  const errors: { key: string; error: unknown }[] = []
  const gates = new Gates(options.rollout)
  const stop: Stop = { why: undefined }
  const underWay = new Map<string, TransactionRun>()
  const transactions = placeTransactions(graph)
  let places: ReadonlyMap<string, number> | undefined
  // a run that interrupts nothing needs none
  const placeOf = (key: string): number => {
    places ??= placesOf(graph, transactions, options.rollout?.order ?? [])
    return places.get(key) ?? 0
  }
  const planned = interruptions(graph, plan)
  for (const placed of new Set(transactions.values())) {
    const [first = ''] = placed.inside
    const one = new TransactionRun(placed, {
      gates,
      place: () => placeOf(first),
      isPlanned: [...placed.inside].some((key) => planned.has(key)),
      outcomeOf: (key) => outcomes.get(key),
      ended,
    })
    for (const key of placed.inside) underWay.set(key, one)
  }
  /** Those without a transaction that are to come to a gate. */
  const come = new Map<string, () => void>()
  for (const [key, kind] of planned) if (!underWay.has(key)) come.set(key, gates.expect([kind], placeOf(key)))
  for (const node of graph.nodes) {
    outcomes.set(
      node.key,
      (async () => {
        const [before, followed] = await Promise.all([ended(node.after), ended(node.follows)])
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
        const transaction = underWay.get(node.key)
        // what belongs to another run now is left by that run: it may have entered it, too
        const leaving =
          node.step.leaves === true && transaction?.entered === true && options.ended?.() === undefined
        if (!leaving) {
          const broken = before.broken ?? (followed.worked ? undefined : followed.broken)
          if (broken !== undefined)
            return { status: finish('skipped', { reason: `${broken} did not succeed` }), stirred: false }
          const stopped = whyStopped(options, stop)
          if (stopped !== undefined) return { status: finish('skipped', { reason: stopped }), stirred: false }
        }
        // what it follows may have failed half-way: what the plan found is no longer believed
        const stirred = leaving || before.stirred || followed.stirred || followed.broken !== undefined
        try {
          const changes = await converge(node, {
            finding: plan.get(node.key),
            stirred,
            options,
            // what was entered is left, also when nothing else is to start
            stop: leaving ? { why: undefined } : stop,
            leaving,
            take: (kind, waits) => {
              const taking = gates.take([kind], placeOf(node.key), waits)
              come.get(node.key)?.()
              return taking
            },
            transaction,
          })
          const moved = changes.length > 0
          const status = moved && !node.step.waits ? 'changed' : 'ok'
          finish(status, status === 'changed' ? { changes } : {})
          return { status, stirred: stirred || moved }
        } catch (bare) {
          if (bare instanceof Blocked)
            return { status: finish('blocked', { reason: bare.message }), stirred: false }
          if (isBug(bare)) stop.why ??= 'a bug in kubestrap ended the run'
          else if (bare instanceof UserError && bare.endsRun) stop.why ??= bare.message
          const error =
            options.explain && !isBug(bare)
              ? await options.explain(node.step, bare, options.now() - (node.step.waits ? 0 : started))
              : bare
          errors.push({ key: node.key, error })
          return { status: finish('failed', { error }), stirred: true }
        }
      })(),
    )
  }
  for (const one of new Set(underWay.values())) one.leaveAtEnd()
  for (const [key, came] of come) outcomes.get(key)?.then(came, came)
  const statuses = new Map<string, StepStatus>()
  for (const [key, outcome] of outcomes) statuses.set(key, (await outcome).status)
  const bug = errors.find(({ error }) => isBug(error))
  if (bug) throw bug.error
  return { statuses, errors, summary: summarise(graph, statuses) }
}

/** What steps are known to interrupt, by what a plan found; not those that only add to what is there. */
function interruptions({ nodes }: Graph, plan: Plan): Map<string, Disruption> {
  const kinds = new Map<string, Disruption>()
  for (const { key, step } of nodes) {
    const finding = plan.get(key)
    const kind = finding?.kind === 'differs' && !step.adds ? step.disrupts?.(finding.changes) : undefined
    if (kind !== undefined) kinds.set(key, kind)
  }
  return kinds
}

/** Why no further step starts, set by the step that found it. */
interface Stop {
  why: string | undefined
}

function whyStopped({ signal, ended }: RunOptions, stop: Stop): string | undefined {
  stop.why ??= ended?.()
  return signal?.aborted ? 'interrupted' : stop.why
}

/** What converging one step takes besides the step. */
interface Converging {
  finding: Finding | undefined
  stirred: boolean
  options: RunOptions
  stop: Stop
  /** It takes back what was entered: nothing keeps it from that. */
  leaving: boolean
  /** Waits for its turn at the gate of what it interrupts without a transaction. */
  take(kind: Disruption, waits: () => void): Promise<Pass>
  transaction: TransactionRun | undefined
}

async function converge(node: Node, how: Converging): Promise<readonly Change[]> {
  const { finding, stirred, options, stop, leaving } = how
  const { step } = node
  const ref = refOf(node)
  if (!stirred && finding?.kind === 'converged') return []
  options.emit({ type: 'step-started', at: options.now(), step: ref })
  const { changes, observed } =
    !stirred && finding?.kind === 'differs' ? finding : await lookAt(step, { applied: false })
  if (changes.length === 0) return []
  const refused = options.permits?.(node, changes)
  if (refused) throw refused
  const context: ApplyContext = {
    progress: (text) => options.emit({ type: 'step-progress', at: options.now(), step: ref, text }),
    signal: options.signal,
    ended: options.ended,
  }
  return interrupting(node, changes, context, how, async () => {
    // it may have waited at the gate for long
    const stopped = whyStopped(options, stop)
    if (stopped !== undefined && !leaving) throw new Error(`not started: ${stopped}`)
    await step.apply(changes, { ...context, observed })
    await settle(node, options, stop, leaving)
    return changes
  })
}

/** Looks in the run. */
async function lookAt(
  step: Step,
  { applied }: { applied: boolean },
): Promise<{ changes: readonly Change[]; observed: unknown }> {
  const observed = await step.probe({ planning: false, applied })
  return { changes: differencesIn(step, observed), observed }
}

/** Does the work when what it takes away may be taken away. */
async function interrupting<T>(
  node: Node,
  changes: readonly Change[],
  context: ApplyContext,
  { take, transaction, options, stop }: Converging,
  work: () => Promise<T>,
): Promise<T> {
  const { key, step } = node
  const kind = step.disrupts?.(changes)
  if (kind === undefined) return work()
  let waited = false
  const waits = (): void => {
    waited = true
    options.emit({
      type: 'step-waiting',
      at: options.now(),
      step: refOf(node),
      for: transaction?.holds ?? [kind],
    })
  }
  const resumed = (): void => {
    if (waited) options.emit({ type: 'step-resumed', at: options.now(), step: refOf(node) })
  }
  if (transaction) {
    await transaction.enter(key, kind, context, () => whyStopped(options, stop), waits)
    resumed()
    if (step.vacates?.(changes)) await transaction.vacate(context)
    return work()
  }
  const pass = await take(kind, waits)
  resumed()
  try {
    const result = await work()
    pass.leave()
    return result
  } catch (error) {
    pass.leave(key)
    throw error
  }
}

const isFinal = (error: unknown): boolean => error instanceof UserError && (error.final || error.endsRun)

/**
 * Probes until the diff is empty or the step's patience is over; then says what is still different. A look that
 * failed is repeated, unless its error is final.
 */
async function settle({ step }: Node, options: RunOptions, stop: Stop, leaving: boolean): Promise<void> {
  const deadline = options.now() + (step.settle?.withinMs ?? 0)
  for (;;) {
    let left: string
    try {
      const { changes } = await lookAt(step, { applied: true })
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
      left = messageOf(error)
    }
    const stopped = whyStopped(options, stop)
    if (!leaving && stopped !== undefined && (step.waits || stop.why !== undefined))
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
    const counts = summary[step.target] ?? { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0 }
    summary[step.target] = counts
    const status = statuses.get(key)
    if (status) counts[status] += 1
  }
  return summary
}
