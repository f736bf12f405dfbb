import { randomBytes } from 'node:crypto'
import type { Context } from '../cluster/context.js'
import type { Node } from '../engine/graph.js'
import type { Workflow } from '../engine/phase.js'
import type { Plan } from '../engine/plan.js'
import type { Permits, RunResult } from '../engine/run.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { exitCodes, takenOverBy } from '../lib/errors.js'
import { counts, duration, table } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { applyPlan, type Planned, planWorkflow } from '../workflows/execute.js'
import { ChangedHands } from '../workflows/hands.js'
import { openSession, type SessionOptions } from '../workflows/session/session.js'
import { up } from '../workflows/up.js'
import { namesOf, warnOfAway } from './away.js'
import { concurrentUploads, list } from './command.js'
import { failuresTold } from './failures.js'
import { otherRunsOf, runWords, warnOfOthers } from './other-runs.js'
import { agreed } from './plan/agreed.js'
import { printError } from './print-error.js'
import type { Reporting } from './reporting.js'
import { tellUnset, warnOfVersion } from './tell-versions.js'
import { type Done, withReporting } from './with-reporting.js'

/** Which hosts are reached, and which of them need not be. */
type Reach = Pick<
  SessionOptions,
  'only' | 'mayBeAway' | 'hasAway' | 'downToo' | 'withoutControlPlane' | 'leaving'
>

export interface ConvergeOptions extends Reach {
  /** What to run. Default `up`. */
  workflow?: Workflow<Context>
  /** False: machines and cluster are taken as they are, and no bundle is needed. Default true. */
  preflight?: boolean
  /** Asked when there is something to do, before it is done. */
  confirm?: (found: Planned, reporting: Reporting) => Promise<boolean>
  /** Told what was found, before anybody is asked: throws for what must not be applied. */
  examine?: (found: Planned, context: Context) => void
  /** Asked of each step before it is applied. Default: every one may be. */
  permits?: Permits
  /** Which steps may be applied. */
  keep?: (node: Node, plan: Plan) => boolean
  /** Names of the hosts these are about. Default all. */
  chosen?: ReadonlySet<string>
  /** What to do after success, with the session still open. Returns the exit code. */
  afterwards?: (context: Context, reporting: Reporting, changed: number) => Promise<number>
  /** What to say at the end, to a person. */
  closing?: (spec: ClusterSpec) => string
}

/** Runs the `up` workflow, or the part of it a command is about, from connecting to the last word. */
export function converge(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  options: ConvergeOptions = {},
): Promise<number> {
  return withReporting(values, async (reporting) => {
    warnOfVersion(spec, reporting)
    try {
      return await attempt(spec, values, options, reporting, false)
    } catch (error) {
      if (!(error instanceof ChangedHands)) throw error
      const { emit, now } = reporting
      const text = `${error.others.join('; ') || 'another run had the hosts meanwhile'}: looking again`
      emit({ type: 'message', at: now(), level: 'warning', text })
      return attempt(spec, values, options, reporting, true)
    }
  })
}

/**
 * Connects, looks, and applies.
 * @param first take the cluster's lock before anything is looked at
 * Throws ChangedHands when another run had the hosts between the look and the changes.
 */
async function attempt(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  options: ConvergeOptions,
  reporting: Reporting,
  first: boolean,
): Promise<Done> {
  const {
    workflow = up,
    preflight = true,
    confirm,
    examine,
    permits,
    keep,
    chosen,
    afterwards,
    closing,
    ...reach
  } = options
  const { emit, now, signal } = reporting
  const uploads = concurrentUploads(values)
  const count = spec.hosts.filter(reach.only ?? (() => true)).length
  const text = `connecting to ${count} ${count === 1 && reach.only ? 'host' : 'hosts'}`
  emit({ type: 'message', at: now(), level: 'info', text })
  const session = await openSession(spec, {
    ...reach,
    bundle: preflight,
    onCommand: reporting.onCommand,
    signal: reporting.signal,
    turn: {
      kind: 'change',
      epoch: randomBytes(8).toString('hex'),
      words: runWords(workflow.id),
      first,
      lock: { ...otherRunsOf(values, reporting), signal },
    },
    ...(uploads === undefined ? {} : { concurrentUploads: uploads }),
  })
  try {
    if (!first) tellUnset(session.context.spec, reporting)
    warnOfOthers(session.hands, reporting)
    if (!first)
      warnOfAway(
        session,
        reporting,
        chosen,
        options.leaving && `this ${options.leaving.command} goes on without it`,
      )
    const how = {
      emit,
      now,
      signal,
      ignore: list(values, 'ignore-preflight'),
      hands: session.hands,
      preflight,
      ...(keep ? { keep } : {}),
      ...(chosen ? { chosen } : {}),
      ...(permits ? { permits } : {}),
    }
    const look = async (): Promise<Planned> => {
      const found = await planWorkflow(workflow, session.context, how)
      examine?.(found, session.context)
      return found
    }
    const found = await agreed(look, confirm && ((one) => confirm(one, reporting)), reporting)
    const result = await applyPlan(workflow, session.context, found, how)
    const { summary } = result
    const exitCode = await codeOf(result, session.context, reporting, afterwards)
    return {
      exitCode,
      summary,
      lastWords: () => {
        if (reporting.human)
          printSummary(session.context.spec, { exitCode, ...result, away: namesOf(session) }, now(), closing)
        for (const told of failuresTold(result.errors)) printError(told)
      },
    }
  } finally {
    await session.close()
  }
}

async function codeOf(
  { errors, summary }: RunResult,
  context: Context,
  reporting: Reporting,
  afterwards: ConvergeOptions['afterwards'],
): Promise<number> {
  if (reporting.signal.aborted) return exitCodes.interrupted
  if (errors.length > 0) return exitCodes.step
  return afterwards ? afterwards(context, reporting, changedIn(summary)) : exitCodes.ok
}

type Ended = Pick<RunResult, 'summary' | 'errors'> & { exitCode: number; away: readonly string[] }

function printSummary(
  spec: ClusterSpec,
  { exitCode, summary, errors, away }: Ended,
  ms: number,
  closing: ConvergeOptions['closing'],
): void {
  const rows = [
    ...Object.entries(summary).map(([target, of]) => [target, counts(of)]),
    ...away.map((name) => [name, 'away: left as it is']),
  ]
  if (rows.length > 0) print(`\n${table(rows)}\n`)
  // its last word is told by whoever ends the process
  if (exitCode === exitCodes.interrupted) return
  const verdict = exitCode === exitCodes.ok ? goodVerdict(summary) : badVerdict(errors)
  const missed = Object.values(summary).reduce((sum, { skipped, blocked }) => sum + skipped + blocked, 0)
  const rest = missed === 0 ? '' : ` Steps not reached: ${missed} (--verbose lists them).`
  print(`${verdict} (${duration(ms)}).${rest}\n`)
  if (exitCode === exitCodes.ok && closing) print(closing(spec))
}

const goodVerdict = (summary: RunResult['summary']): string =>
  changedIn(summary) === 0 ? 'Nothing to change' : 'Done'

/** Of a run that did not do everything; one that was taken over has nothing to fix. */
export function badVerdict(errors: RunResult['errors']): string {
  const by = errors.map(({ error }) => takenOverBy(error)).find((owner) => owner !== undefined)
  if (by === undefined) return 'Not done: fix the cause and run again; finished steps are kept'
  return `Taken over by another run${by === '' ? '' : ` (${by})`}: the hosts are that run's now, and nothing has to be repeated`
}

function changedIn(summary: RunResult['summary']): number {
  return Object.values(summary).reduce((sum, of) => sum + of.changed, 0)
}
