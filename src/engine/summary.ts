import { groupBy } from '../lib/group-by.js'
import { type Effect, isAbout, type Reader } from './effect.js'
import type { Graph, Node } from './graph.js'
import type { Finding, Plan } from './plan.js'
import type { Change, ChangeKind, Disruption } from './step.js'

/** What a summary knows besides the plan: whom an interruption would be felt by. */
export interface World {
  /** Targets that serve a cluster now: hosts that are part of it, and the API. What is on others interrupts nobody. */
  living: ReadonlySet<string>
  /** No host is part of a cluster yet. */
  birth: boolean
  /** The longest time without an answer that was measured while one of several is interrupted, seconds. */
  outages: Readonly<Partial<Record<Disruption, number>>>
}

/** A plan on a page. */
export interface PlanSummary {
  birth: boolean
  /** Steps by what the look found. */
  steps: { converged: number; changes: number; unknown: number; failed: number }
  /** Targets with something to do, in the graph's order, each with its phases in order. */
  hosts: readonly HostSummary[]
  /** What living targets are interrupted by; empty: nobody notices. */
  interruptions: readonly Interruption[]
}

export interface HostSummary {
  host: string
  phases: readonly PhaseSummary[]
}

export interface PhaseSummary {
  phase: string
  /** Changes by kind; kinds without any are not there. */
  changes: Readonly<Partial<Record<ChangeKind, number>>>
  /** Steps that are known after apply. */
  unknown: number
  /** Steps that could not be looked at. */
  failed: number
}

/** What applying a plan interrupts on one living target. */
export interface Interruption {
  host: string
  /** Units and containers. */
  restarts: readonly string[]
  /** Static Pods. */
  recreates: readonly string[]
  /** Workloads whose Pods are recreated: "DaemonSet kube-proxy". */
  workloads: readonly string[]
  /** What an earlier run left to be restarted: units, containers, static Pods, workloads. */
  resumed: readonly string[]
  /** What is removed while the cluster lacks something. */
  removes: readonly string[]
  /** The node is drained before, and uncordoned afterwards. */
  drained: boolean
  /** What the cluster does without meanwhile, one target after the other. */
  lacks: readonly Disruption[]
  /** Titles of steps that may interrupt, and are known after apply. */
  maybe: readonly string[]
  /** About how long clients wait for an answer; absent: not measured. */
  seconds?: number
}

/**
 * Whether somebody must agree before a plan is applied. What an earlier run left to be restarted was agreed to then, or is
 * of a birth that was cut; a drain is asked for again.
 */
export const needsConsent = ({ interruptions }: PlanSummary): boolean =>
  interruptions.some(
    ({ restarts, recreates, workloads, removes, maybe, drained }) =>
      drained || [restarts, recreates, workloads, removes, maybe].some(({ length }) => length > 0),
  )

/** Changes of these kinds end something that is there; what is added, started or reloaded beside it does not. */
const ending: ReadonlySet<ChangeKind> = new Set(['restart', 'stop', 'remove', 'update', 'renew'])

/** Sums up what a plan found. Pure. */
export function summaryOf(graph: Graph, plan: Plan, world: World): PlanSummary {
  const found = graph.nodes.flatMap((node): Found[] => {
    const finding = plan.get(node.key)
    return finding === undefined ? [] : [{ node, finding }]
  })
  const count = (kind: Finding['kind']): number => found.filter(({ finding }) => finding.kind === kind).length
  const byTarget = groupBy(found, ({ node }) => node.step.target)
  const order = graph.phases.map(({ id }) => id)
  return {
    birth: world.birth,
    steps: {
      converged: count('converged'),
      changes: count('differs'),
      unknown: count('unknown'),
      failed: count('failed'),
    },
    hosts: [...byTarget].flatMap(([host, own]): HostSummary[] => {
      const phases = phasesOf(own).toSorted((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase))
      return phases.length === 0 ? [] : [{ host, phases }]
    }),
    interruptions: [...byTarget].flatMap(([host, own]) =>
      world.living.has(host) ? interruptionOf(host, own, world) : [],
    ),
  }
}

/** A step, and what a look at it found. */
interface Found {
  node: Node
  finding: Finding
}

function phasesOf(found: readonly Found[]): PhaseSummary[] {
  const open = found.filter(({ finding }) => finding.kind !== 'converged')
  return [...groupBy(open, ({ node }) => node.phase)].map(([phase, own]) => {
    const changes: Partial<Record<ChangeKind, number>> = {}
    for (const { kind } of own.flatMap(changesOf)) changes[kind] = (changes[kind] ?? 0) + 1
    const count = (kind: Finding['kind']): number => own.filter(({ finding }) => finding.kind === kind).length
    return { phase, changes, unknown: count('unknown'), failed: count('failed') }
  })
}

const changesOf = ({ finding }: Found): readonly Change[] =>
  finding.kind === 'differs' ? finding.changes : []

/** What a target is interrupted by; none when it is not. */
function interruptionOf(host: string, found: readonly Found[], { outages }: World): Interruption[] {
  const sum = {
    restarts: new Set<string>(),
    recreates: new Set<string>(),
    workloads: new Set<string>(),
    resumed: new Set<string>(),
    removes: new Set<string>(),
    lacks: new Set<Disruption>(),
    maybe: new Set<string>(),
    drained: false,
  }
  const readers = found.filter(({ node }) => node.step.restarts !== undefined)
  const note = ({ of, name }: Reader): void => {
    if (of === 'static-pod') sum.recreates.add(name)
    else if (of === 'workload') sum.workloads.add(name)
    else sum.restarts.add(name)
  }
  const lacks = ({ step }: Node, changes: readonly Change[]): Disruption | undefined => {
    const kind = step.disrupts?.(changes)
    if (kind === undefined) return undefined
    sum.lacks.add(step.felt ?? kind)
    if (step.within && step.vacates?.(changes)) sum.drained = true
    return kind
  }
  for (const one of found) {
    const { step } = one.node
    if (one.finding.kind === 'unknown' && step.disrupts && !step.adds) sum.maybe.add(step.title)
    const changes = changesOf(one).filter(({ kind }) => ending.has(kind))
    if (changes.length > 0) {
      if (step.restarts && changes.some(({ kind }) => kind === 'restart')) sum.resumed.add(step.restarts.name)
      if (lacks(one.node, changes) !== undefined)
        for (const { kind, subjects } of changes)
          if (kind === 'remove') for (const what of subjects ?? [step.title]) sum.removes.add(what)
    }
    for (const effect of changesOf(one).flatMap(({ effects = [] }) => effects)) {
      if (effect.kind === 'reload' || effect.kind === 'remark') continue
      const own = readers.filter(
        ({ node: { step: other } }) => other.restarts && isAbout(effect, other.restarts),
      )
      // what does not run is started, and interrupts nobody
      if (own.some((reader) => changesOf(reader).some(({ kind }) => kind === 'start'))) continue
      note(effect)
      if (effect.kind === 'restart' && effect.afterDrain) sum.drained = true
      for (const reader of own) lacks(reader.node, [restartOf(effect)])
    }
  }
  const { drained, ...sets } = sum
  if (Object.values(sets).every(({ size }) => size === 0)) return []
  const seconds = [...sets.lacks].flatMap((kind) => outages[kind] ?? [])
  return [
    {
      host,
      restarts: [...sets.restarts],
      recreates: [...sets.recreates],
      workloads: [...sets.workloads],
      resumed: [...sets.resumed],
      removes: [...sets.removes],
      drained,
      lacks: [...sets.lacks],
      maybe: [...sets.maybe],
      ...(seconds.length > 0 ? { seconds: Math.max(...seconds) } : {}),
    },
  ]
}

/** The change that a reader's own step will find once what it reads was changed. */
const restartOf = (effect: Effect & Reader): Change => ({
  kind: 'restart',
  subjects: [effect.name],
  summary: effect.name,
})
