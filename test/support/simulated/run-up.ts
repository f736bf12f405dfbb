import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { inPhases } from '../../../src/cli/phase.js'
import { byPlan } from '../../../src/cli/plan/by-plan.js'
import { encodePlan } from '../../../src/cli/plan/encode.js'
import type { PlanFile } from '../../../src/cli/plan/plan-file.js'
import type { Context } from '../../../src/cluster/context.js'
import { knownFingerprints } from '../../../src/cluster/pki/known-fingerprints.js'
import type { RunEvent } from '../../../src/engine/events.js'
import type { Workflow } from '../../../src/engine/phase.js'
import { type Interruption, needsConsent, summaryOf } from '../../../src/engine/summary.js'
import type { Connection } from '../../../src/host/connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { applyPlan, planWorkflow } from '../../../src/workflows/execute.js'
import { openSession, type SessionOptions } from '../../../src/workflows/session/session.js'
import { up } from '../../../src/workflows/up.js'
import { Cut, type CutWhere, type HeldUntil, type Mutation } from './cut.js'
import { simulatedConnection } from './simulated-connection.js'
import type { World } from './world.js'

const version = 'of this test'

export interface Ran {
  /** Every step succeeded. */
  ok: boolean
  /** Whether the run reached its cut. */
  cut: boolean
  /** Steps that were changed, by key. */
  changed: readonly string[]
  /** Why it failed, by step or as a whole. */
  errors: readonly string[]
  mutations: readonly Mutation[]
  /** How many steps the plan found converged, to be changed, and not knowable yet; undefined when it came to no plan. */
  planned: { converged: number; changes: number; unknown: number } | undefined
  /** Commands sent to each host. */
  roundTrips: Readonly<Record<string, number>>
  /** Hosts that the plan interrupts, with what; undefined when it came to no plan. */
  interruptions: readonly Interruption[] | undefined
  /** Whether `up` asks before it applies the plan. */
  asks: boolean
  /** The plan as `plan --out` writes it; undefined when it came to none. */
  file: PlanFile | undefined
  /** Preflight's warnings. */
  warnings: readonly string[]
  ms: number
}

export interface RunOptions {
  /** Where the run is cut. Default nowhere. */
  cut?: CutWhere
  /** What holds its mutations. Default nothing. */
  held?: HeldUntil
  /** Only plan. */
  plan?: boolean
  /** Applies this plan, as `up --plan` does. */
  byPlan?: PlanFile | undefined
  /** What is run instead of `up`; it takes machines and cluster as they are. */
  instead?: Workflow<Context>
  /** Hosts to connect to. Default all. */
  only?: SessionOptions['only']
  leaving?: SessionOptions['leaving']
  /** What others are told of it. */
  words?: string
  /** Ends another run that has the cluster's lock, or waits so long for it, ms. */
  takeOver?: boolean
  waitMs?: number
  /** Which phases are applied. Default all. */
  phases?: readonly string[]
  /** What a host's connection is wrapped in. */
  overhear?: (host: string, connection: Connection) => Connection
}

/** One run of the product's own workflow, by default `up`, on a world's hosts, in this process, as `kubestrap up` would run it. */
export async function runUp(world: World, spec: ClusterSpec, options: RunOptions = {}): Promise<Ran> {
  const began = performance.now()
  const cut = new Cut(options.cut, options.held)
  const events: RunEvent[] = []
  const errors: string[] = []
  let roundTrips: Record<string, number> = {}
  let ok = false
  let interruptions: Ran['interruptions']
  let asks = false
  let file: Ran['file']
  const { overhear = (_host, connection) => connection, instead: workflow = up, phases } = options
  try {
    const exactly = options.byPlan && byPlan(spec, 'plan.json', options.byPlan, version)
    const session = await openSession(spec, {
      ...(options.instead ? { bundle: false } : {}),
      ...(options.only ? { only: options.only } : {}),
      ...(options.leaving ? { leaving: options.leaving } : {}),
      turn: {
        kind: 'change',
        epoch: randomBytes(8).toString('hex'),
        words: options.words ?? 'a test',
        first: false,
        lock: { takeOver: options.takeOver === true, waitMs: options.waitMs },
      },
      open: (host) =>
        createHost(
          host.name,
          cut.connection(host.name, overhear(host.name, simulatedConnection(world.host(host.name)))),
        ),
    })
    try {
      const { context } = session
      const inWorld = {
        ...context,
        kube: cut.kube(context.kube),
        sleep: cut.sleep,
        now: () => new Date(Date.now() + cut.ahead()),
      }
      const execute = {
        emit: (event: RunEvent) => void events.push(event),
        now: () => performance.now() - began + cut.ahead(),
        ignore: [],
        hands: session.hands,
        preflight: options.instead === undefined,
        permits: exactly?.permits,
        ...(phases ? { keep: inPhases(phases) } : {}),
      }
      const planned = await planWorkflow(workflow, inWorld, execute)
      const summary = summaryOf(planned.graph, planned.plan, planned.world)
      interruptions = summary.interruptions
      asks = needsConsent(summary)
      const ca = knownFingerprints(context)
      file = encodePlan(planned, {
        kubestrap: version,
        made: '',
        inventory: { file: spec.file, sha256: spec.sha256 },
        cluster: ca ? { ca } : null,
        limit: null,
        salt: '0'.repeat(64),
      })
      exactly?.examine?.(planned, inWorld)
      if (options.plan) {
        for (const [key, finding] of planned.plan)
          if (finding.kind === 'failed') errors.push(`${key}: ${wordsOf(finding.error)}`)
        ok = errors.length === 0
      } else {
        const result = await applyPlan(workflow, inWorld, planned, execute)
        for (const { key, error } of result.errors) errors.push(`${key}: ${wordsOf(error)}`)
        ok = [...result.statuses.values()].every((status) => status === 'ok' || status === 'changed')
      }
      roundTrips = Object.fromEntries(context.machines.map(({ host }) => [host.name, host.roundTrips]))
    } finally {
      await session.close()
    }
  } catch (error) {
    errors.push(wordsOf(error))
  }
  return {
    ok,
    cut: cut.over,
    changed: events.flatMap((e) =>
      e.type === 'step-finished' && e.status === 'changed' ? [e.step.key] : [],
    ),
    errors,
    mutations: cut.mutations,
    planned: events.find((e) => e.type === 'planned'),
    roundTrips,
    interruptions,
    asks,
    file,
    warnings: events.flatMap((e) => (e.type === 'message' && e.level === 'warning' ? [e.text] : [])),
    ms: Math.round(performance.now() - began),
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const why = 'why' in error && typeof error.why === 'string' && error.why !== '' ? `: ${error.why}` : ''
  return `${error.message}${why}`
}
