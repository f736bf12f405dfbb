import { errorFields } from '../engine/error-fields.js'
import type { Counts } from '../engine/events.js'
import type { Graph, Node } from '../engine/graph.js'
import type { Workflow } from '../engine/phase.js'
import { hasChanges, type Plan } from '../engine/plan.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { exitCodes, UserError } from '../lib/errors.js'
import type { Context } from '../phases/context.js'
import { counts, duration, table } from '../ui/format.js'
import { applyPlan, planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session.js'
import { up } from '../workflows/up.js'
import { list } from './command.js'
import { printError } from './print-error.js'
import { type Reporting, startReporting } from './reporting.js'

export interface ConvergeOptions {
  /** What to run. Default `up`. */
  workflow?: Workflow<Context>
  /** False: machines and cluster are taken as they are, and no bundle is needed. Default true. */
  preflight?: boolean
  /** Asked when there is something to do, before it is done. */
  confirm?: (found: { graph: Graph; plan: Plan }, reporting: Reporting) => Promise<boolean>
  /** Which steps may be applied. */
  keep?: (node: Node, plan: Plan) => boolean
  /** Hosts the command can do without. */
  mayBeAway?: (host: HostSpec) => boolean
  /** What to do after success, with the session still open. Returns the exit code. */
  afterwards?: (context: Context, reporting: Reporting, changed: number) => Promise<number>
  /** What to say at the end, to a person. */
  closing?: (spec: ClusterSpec) => string
}

/** Runs the `up` workflow, or the part of it a command is about, from connecting to the last word. */
export async function converge(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  options: ConvergeOptions = {},
): Promise<number> {
  const reporting = await startReporting(values)
  const { emit, now } = reporting
  let code: number = exitCodes.ok
  let summary: Readonly<Record<string, Counts>> = {}
  let failures: readonly { key: string; error: unknown }[] = []
  try {
    emit({ type: 'message', at: now(), level: 'info', text: `connecting to ${spec.hosts.length} hosts` })
    const { workflow = up, preflight = true } = options
    const session = await openSession(spec, {
      bundle: preflight,
      ...(options.mayBeAway ? { mayBeAway: options.mayBeAway } : {}),
    })
    try {
      const how = {
        emit,
        now,
        signal: reporting.signal,
        ignore: list(values, 'ignore-preflight'),
        preflight,
        ...(options.keep ? { keep: options.keep } : {}),
      }
      const found = await planWorkflow(workflow, session.context, how)
      if (options.confirm && hasChanges(found.plan) && !(await options.confirm(found, reporting)))
        throw new UserError('usage', 'not confirmed', { next: 'nothing was changed' })
      const result = await applyPlan(workflow, session.context, found, how)
      summary = result.summary
      failures = result.errors
      if (reporting.signal.aborted) code = exitCodes.interrupted
      else if (failures.length > 0) code = exitCodes.step
      else if (options.afterwards)
        code = await options.afterwards(session.context, reporting, changedIn(summary))
    } finally {
      await session.close()
    }
  } catch (error) {
    if (!(error instanceof UserError)) {
      await reporting.finish(exitCodes.bug, summary)
      throw error
    }
    code = exitCodes[error.kind]
    await reporting.finish(code, summary)
    printError(error)
    return code
  }
  await reporting.finish(code, summary)
  for (const { key, error } of failures) {
    const fields = errorFields(error)
    printError({ message: `${key}: ${fields.message}`, why: fields.why, next: fields.next, host: undefined })
  }
  if (reporting.human) {
    const rows = Object.entries(summary).map(([target, of]) => [target, counts(of)])
    if (rows.length > 0) process.stdout.write(`\n${table(rows)}\n`)
    const changed = changedIn(summary)
    const verdict =
      code === exitCodes.ok
        ? changed === 0
          ? 'Nothing to change'
          : 'Done'
        : 'Not done: run again when the cause is mended; what is done stays done'
    process.stdout.write(`${verdict} (${duration(now())}).\n`)
    if (code === exitCodes.ok && options.closing) process.stdout.write(options.closing(spec))
  }
  return code
}

function changedIn(summary: Readonly<Record<string, Counts>>): number {
  return Object.values(summary).reduce((sum, of) => sum + of.changed, 0)
}
