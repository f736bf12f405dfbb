import type { Clock } from '../lib/clock.js'
import { isBug, NoAnswer } from '../lib/errors.js'
import type { Graph, Node } from './graph.js'
import { overJoints } from './joints.js'
import { NotYet } from './late.js'
import type { Change, Step } from './step.js'

/** What one look at a step found. */
export type Finding =
  | { kind: 'converged' }
  /** With what was observed, for an apply without a second look. */
  | { kind: 'differs'; changes: readonly Change[]; observed: unknown }
  /** Cannot be known before earlier steps are applied. */
  | { kind: 'unknown'; why: string }
  | { kind: 'failed'; error: unknown }

/** Findings by step key, in the graph's order. */
export type Plan = ReadonlyMap<string, Finding>

/**
 * Looks at every step and changes nothing. All probes start in one turn, so that a host's questions
 * travel together; differences are then taken in order, because a value found by one probe may be
 * part of another step's wish. A probe that fails where something it waits for is still to be made
 * is `unknown`: there was nothing to look at yet; a host that gave no answer was not looked at at all, and is `failed`.
 * What is only awaited, with everything before it as it should be, is given a moment: an election, a kubelet that has just
 * been restarted are no difference.
 * Throws a bug at once.
 * @param clock without it nothing is given a moment
 */
export async function makePlan(graph: Graph, clock?: Clock): Promise<Plan> {
  const { plan, awaited } = await lookAtAll(graph)
  if (!clock || awaited.length === 0) return plan
  const came = await Promise.all(awaited.map((node) => comes(node, clock)))
  return came.includes(true) ? (await lookAtAll(graph)).plan : plan
}

/** How long what is awaited may take: an election of etcd on a busy host takes two seconds. */
const moment = { withinMs: 5_000, everyMs: 250 }

/** Whether what a step awaits comes about in a moment; a look that began in it is the last. */
async function comes({ step }: Node, clock: Clock): Promise<boolean> {
  const deadline = clock.now().getTime() + moment.withinMs
  while (clock.now().getTime() < deadline) {
    await clock.sleep(moment.everyMs)
    try {
      if (step.diff(await step.probe({ planning: true, applied: false })).length === 0) return true
    } catch (error) {
      if (isBug(error)) throw error
    }
  }
  return false
}

/** A plan of one look at each step, and the steps that only await what has not come about though nothing before them is open. */
async function lookAtAll(graph: Graph): Promise<{ plan: Plan; awaited: readonly Node[] }> {
  for (const { step } of graph.nodes) step.forget?.()
  const looks = await Promise.all(
    graph.nodes.map(
      async (node): Promise<{ node: Node; observed: unknown } | { node: Node; error: unknown }> => {
        try {
          return { node, observed: await node.step.probe({ planning: true, applied: false }) }
        } catch (error) {
          if (isBug(error)) throw error
          return { node, error }
        }
      },
    ),
  )
  const plan = new Map<string, Finding>()
  const open = overJoints<boolean>(
    (key) => {
      const finding = plan.get(key)
      return finding !== undefined && finding.kind !== 'converged'
    },
    (of) => of.includes(true),
  )
  const pending = ({ after, follows }: Node): boolean => after.some(open) || follows.some(open)
  const awaited: Node[] = []
  for (const look of looks) {
    const { node } = look
    const later = pending(node)
    const finding = find(look, later)
    plan.set(node.key, finding)
    const missing =
      finding.kind === 'differs' || (finding.kind === 'failed' && !(finding.error instanceof NoAnswer))
    if (node.step.waits && missing && !later) awaited.push(node)
  }
  return { plan, awaited }
}

function find(
  look: { node: Node; observed: unknown } | { node: Node; error: unknown },
  pending: boolean,
): Finding {
  const unknownOr = (error: unknown): Finding => {
    if (error instanceof NotYet) return { kind: 'unknown', why: error.what }
    if (isBug(error)) throw error
    if (error instanceof NoAnswer) return { kind: 'failed', error }
    if (pending) return { kind: 'unknown', why: 'it depends on earlier changes' }
    return { kind: 'failed', error }
  }
  if ('error' in look) return unknownOr(look.error)
  try {
    const { observed } = look
    const changes = differencesIn(look.node.step, observed)
    return changes.length === 0 ? { kind: 'converged' } : { kind: 'differs', changes, observed }
  } catch (error) {
    return unknownOr(error)
  }
}

/** What differs by what was observed; what others need of it is handed on. Throws what the step's diff does. */
export function differencesIn(step: Step, observed: unknown): readonly Change[] {
  const changes = step.diff(observed)
  step.learn?.(observed, changes)
  return changes
}

/** What a plan says of a graph's part of it. */
export type Outlook =
  /** Every step was looked at, and none would change anything. */
  | 'nothing'
  /** Every step was looked at, and some would change something, as far as can be known. */
  | 'changes'
  /** Some step could not be looked at: nothing is claimed. */
  | 'unsure'

/** What applying a graph's part of the plan would do, as far as can be known. A step the plan does not have was not looked at. */
export function outlook(graph: Graph, plan: Plan): Outlook {
  const kinds = graph.nodes.map(({ key }) => plan.get(key)?.kind)
  if (kinds.some((kind) => kind === undefined || kind === 'failed')) return 'unsure'
  return kinds.every((kind) => kind === 'converged') ? 'nothing' : 'changes'
}

/** The looks at a graph's steps that failed. */
export function failedLooks(graph: Graph, plan: Plan): { node: Node; error: unknown }[] {
  return graph.nodes.flatMap((node) => {
    const finding = plan.get(node.key)
    return finding?.kind === 'failed' ? [{ node, error: finding.error }] : []
  })
}
